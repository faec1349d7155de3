/* Twin of a filter that writes a byte of each frame, and says so in its outcome. */
#include "twin.h"

static uint8_t outcomes[FRAME_LIMIT][16];

__attribute__((noinline)) static void judge(uint8_t *frame, uint8_t *outcome) {
  frame[6] = 2;
  outcome[1] = 1;
}

static void run(void) {
  for (uint32_t i = 0; i < frame_count; i++) judge((uint8_t *)frames[i].bytes, outcomes[i]);
}

static uint64_t answer(uint32_t index) { return outcomes[index][1] << 8 | frames[index].bytes[6]; }
