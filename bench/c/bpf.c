/* Twin of a pcap filter: its program, as a compiler for C makes it of `program.h`, which defines `judge`. */
#include "twin.h"
#include "program.h"

static uint8_t outcomes[FRAME_LIMIT][16];

static void run(void) {
  for (uint32_t i = 0; i < frame_count; i++) {
    if (judge(frames[i].bytes, frames[i].length, frames[i].length) == 0) outcomes[i][0] = 2;
  }
}

static uint64_t answer(uint32_t index) { return outcomes[index][0]; }
