/* Twin of a filter: drops TCP to port 23, judging descriptors that are dissected already. */
#include "twin.h"
#include "dissect.h"

static struct descriptor descriptors[FRAME_LIMIT];
static uint8_t outcomes[FRAME_LIMIT][16];
static int is_dissected;

__attribute__((noinline)) static void judge(const struct descriptor *d, uint8_t *outcome) {
  if (d->flags & PACKET_TCP && d->destination_port == 23) outcome[0] = 2;
}

static void run(void) {
  for (uint32_t i = 0; !is_dissected && i < frame_count; i++) {
    descriptors[i].length = frames[i].length;
    dissect(&descriptors[i], frames[i].bytes);
  }
  is_dissected = 1;
  for (uint32_t i = 0; i < frame_count; i++) judge(&descriptors[i], outcomes[i]);
}

static uint64_t answer(uint32_t index) { return outcomes[index][0]; }
