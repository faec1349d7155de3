/*
 * Twin of the core's cutting: each TCP super-packet over IPv4 into segments, headers stamped and checksums complete, as
 * plainly as C allows: copy, stamp, add 32-bit words up. Its answer is a digest of all segments.
 */
#include "twin.h"
#include <arpa/inet.h>

enum { IP = 14, TCP = 34, HEADERS = 54, GSO_SIZE = 1460, STRIDE = 1856, SLOTS = 64, FIN_PSH = 9, CWR = 0x80 };

static uint8_t slots[SLOTS * STRIDE];

static uint64_t sum(const uint8_t *bytes, size_t count, uint64_t total) {
  uint32_t word;
  for (; count >= 4; bytes += 4, count -= 4) {
    memcpy(&word, bytes, 4);
    total += word;
  }
  word = 0;
  memcpy(&word, bytes, count);
  return total + word;
}

static uint16_t folded(uint64_t total) {
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (uint16_t)~total;
}

static void put16(uint8_t *at, uint16_t value) {
  value = htons(value);
  memcpy(at, &value, 2);
}

static uint16_t get16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, 2);
  return ntohs(value);
}

static void stamp(const uint8_t *frame, uint8_t *segment, size_t bytes, int number, size_t position, int is_last) {
  uint16_t checksum;
  uint32_t sequence;
  put16(segment + IP + 2, (uint16_t)(bytes - IP));
  put16(segment + IP + 4, (uint16_t)(get16(frame + IP + 4) + number));
  memset(segment + IP + 10, 0, 2);
  checksum = folded(sum(segment + IP, TCP - IP, 0));
  memcpy(segment + IP + 10, &checksum, 2);
  memcpy(&sequence, frame + TCP + 4, 4);
  sequence = htonl(ntohl(sequence) + (uint32_t)position);
  memcpy(segment + TCP + 4, &sequence, 4);
  if (!is_last) segment[TCP + 13] &= (uint8_t)~FIN_PSH;
  if (number > 0) segment[TCP + 13] &= (uint8_t)~CWR;
  memset(segment + TCP + 16, 0, 2);
  checksum = folded(sum(segment + TCP, bytes - TCP, sum(segment + IP + 12, 8, htons(6) + htons((uint16_t)(bytes - TCP)))));
  memcpy(segment + TCP + 16, &checksum, 2);
}

/* Returns how many segments stand in `slots` now; the last one has what was left. */
static int cut(const uint8_t *frame, size_t length, size_t *last_bytes) {
  int number = 0;
  for (size_t position = 0; position < length - HEADERS; position += GSO_SIZE, number++) {
    size_t left = length - HEADERS - position;
    size_t bytes = left < GSO_SIZE ? left : GSO_SIZE;
    uint8_t *segment = slots + number * STRIDE;
    memcpy(segment, frame, HEADERS);
    memcpy(segment + HEADERS, frame + HEADERS + position, bytes);
    stamp(frame, segment, HEADERS + bytes, number, position, left <= GSO_SIZE);
    *last_bytes = HEADERS + bytes;
  }
  return number;
}

static void run(void) {
  size_t last_bytes;
  for (uint32_t i = 0; i < frame_count; i++) cut(frames[i].bytes, frames[i].length, &last_bytes);
}

/* FNV-1a over the segments, one behind the other. */
static uint64_t answer(uint32_t index) {
  size_t last_bytes = 0;
  int count = cut(frames[index].bytes, frames[index].length, &last_bytes);
  uint32_t hash = 2166136261u;
  for (int i = 0; i < count; i++) {
    size_t bytes = i == count - 1 ? last_bytes : HEADERS + GSO_SIZE;
    for (size_t at = 0; at < bytes; at++) hash = (hash ^ slots[i * STRIDE + at]) * 16777619u;
  }
  return hash;
}
