/*
 * Twin of the core's cutting: each TCP super-packet into segments, headers stamped and checksums complete. Its answer is a
 * digest of all segments.
 */
#include "twin.h"
#include "cut.h"

enum { HEADERS = 54, GSO_SIZE = 1460, STRIDE = 1856, SLOTS = 64 };

static uint8_t slots[SLOTS][STRIDE];

static void run(void) {
  for (uint32_t i = 0; i < frame_count; i++) {
    for (int number = 0; cut(frames[i].bytes, frames[i].length, HEADERS, GSO_SIZE, number, slots[number]); number++);
  }
}

/* FNV-1a over the segments, one behind the other. */
static uint64_t answer(uint32_t index) {
  const struct frame *f = &frames[index];
  uint32_t hash = 2166136261u;
  size_t bytes;
  for (int number = 0; (bytes = cut(f->bytes, f->length, HEADERS, GSO_SIZE, number, slots[0])) > 0; number++) {
    for (size_t at = 0; at < bytes; at++) hash = (hash ^ slots[0][at]) * 16777619u;
  }
  return hash;
}
