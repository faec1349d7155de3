/* Twin of the core's `flowHash`, over packets that are dissected already. */
#include "twin.h"
#include "dissect.h"

static struct descriptor descriptors[FRAME_LIMIT];
static int is_dissected;

static void run(void) {
  for (uint32_t i = 0; !is_dissected && i < frame_count; i++) {
    descriptors[i].length = frames[i].length;
    dissect(&descriptors[i], frames[i].bytes);
  }
  is_dissected = 1;
  for (uint32_t i = 0; i < frame_count; i++) descriptors[i].flow_hash = flow_hash(&descriptors[i], frames[i].bytes);
}

static uint64_t answer(uint32_t index) { return descriptors[index].flow_hash; }
