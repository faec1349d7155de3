/*
 * Twin of the way of a batch into a filter's sandbox and back: descriptors, outcomes and the first WINDOW bytes of each
 * frame, close together, into another memory; then the outcomes back. Its answer is a digest of what the filter sees.
 */
#include "twin.h"

enum { DESCRIPTOR = 64, OUTCOME = 16, WINDOW = 128, ALIGNMENT = 16 };

static uint8_t descriptors[FRAME_LIMIT][DESCRIPTOR], outcomes[FRAME_LIMIT][OUTCOME];
static uint8_t sandbox[FRAME_LIMIT * (DESCRIPTOR + OUTCOME + WINDOW)];

static uint32_t window_of(uint32_t index) { return frames[index].length < WINDOW ? frames[index].length : WINDOW; }

static uint32_t padded(uint32_t bytes) { return (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1u); }

static void run(void) {
  uint8_t *out = sandbox + frame_count * DESCRIPTOR, *at = out + frame_count * OUTCOME;
  for (uint32_t i = 0; i < frame_count; i++) {
    uint32_t bytes = window_of(i), address = at - sandbox;
    memcpy(sandbox + i * DESCRIPTOR, descriptors[i], DESCRIPTOR);
    memcpy(sandbox + i * DESCRIPTOR, &address, sizeof address);
    memcpy(out + i * OUTCOME, outcomes[i], OUTCOME);
    memcpy(at, frames[i].bytes, bytes);
    memset(at + bytes, 0, padded(bytes) - bytes);
    at += padded(bytes);
  }
  memcpy(outcomes, out, frame_count * OUTCOME);
}

/* FNV-1a over the window. */
static uint64_t answer(uint32_t index) {
  uint32_t address, hash = 2166136261u;
  memcpy(&address, sandbox + index * DESCRIPTOR, sizeof address);
  for (uint32_t i = 0; i < window_of(index); i++) hash = (hash ^ sandbox[address + i]) * 16777619u;
  return hash;
}
