/* Twin of the core's `checksum`: RFC 1071, eight bytes at a time with the carry added back, over the whole frame. */
#include "twin.h"

static uint16_t sums[FRAME_LIMIT];

static uint16_t checksum(const uint8_t *at, uint32_t bytes) {
  uint64_t sum = 0, word = 0;
  for (; bytes >= 8; at += 8, bytes -= 8) {
    memcpy(&word, at, 8);
    sum += word;
    sum += sum < word;
  }
  word = 0;
  memcpy(&word, at, bytes);
  sum += word;
  sum += sum < word;
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return __builtin_bswap16(~sum);
}

static void run(void) {
  for (uint32_t i = 0; i < frame_count; i++) sums[i] = checksum(frames[i].bytes, frames[i].length);
}

static uint64_t answer(uint32_t index) { return sums[index]; }
