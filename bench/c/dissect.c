/*
 * Twin of the core's `admit`: checks the records of a batch, describes and dissects each frame, zeroes the outcomes and
 * lists the packets for filters. Its answer is a digest of the descriptor.
 */
#include "twin.h"
#include "dissect.h"

struct record { uint32_t slot, port, length, offset; };
struct port { uint32_t slots, first_slot, stride; uint8_t header; };
struct outcome { uint64_t verdict, mark; };

enum { PORT_LIMIT = 63, TRUNCATED = 0x100, VNET_BYTES = 12, VERDICT_DROP = 2 };

static struct descriptor descriptors[FRAME_LIMIT];
static struct record records[FRAME_LIMIT];
static struct outcome outcomes[FRAME_LIMIT];
static struct port ports[PORT_LIMIT];
static uint16_t active[FRAME_LIMIT];
static volatile uint64_t batch_time;
/* What the caller of `admit` is told. */
static volatile int active_count;

/* The engine's part: frames have been read into the slots of one port. */
static void fill(void) {
  ports[0] = (struct port){frame_count, 0, frame_stride, 0};
  for (uint32_t i = 0; i < frame_count; i++) records[i] = (struct record){i, 0, frames[i].length, frame_offset};
}

static inline int is_inside(const struct record *record, const struct port *port) {
  if (record->slot - port->first_slot >= port->slots) return 0;
  if ((uint64_t)record->offset + record->length > port->stride) return 0;
  return record->offset + port->header >= VNET_BYTES;
}

static inline const uint8_t *describe(struct descriptor *d, const struct record *record, const struct port *port) {
  d->frame = (record->slot - port->first_slot) * port->stride + record->offset + port->header;
  d->length = d->wire_length = record->length - port->header;
  d->time = batch_time;
  d->slot = record->slot;
  d->in_port = record->port;
  d->vnet_flags = d->gso_type = 0;
  d->hdr_len = d->gso_size = d->csum_start = d->csum_offset = 0;
  return frame_memory + d->frame;
}

static int admit(void) {
  int count = 0;
  memset(outcomes, 0, frame_count * sizeof outcomes[0]);
  for (uint32_t i = 0; i < frame_count; i++) {
    const struct record *record = &records[i];
    uint32_t number = record->port & 0xff;
    if (number >= PORT_LIMIT || !is_inside(record, &ports[number])) return -1 - (int)i;
    dissect(&descriptors[i], describe(&descriptors[i], record, &ports[number]));
    if (record->port & TRUNCATED) outcomes[i].verdict = VERDICT_DROP;
    else active[count++] = i;
  }
  return count;
}

static void run(void) {
  if (ports[0].slots == 0) fill();
  active_count = admit();
}

/* FNV-1a over flags, flow hash, and everything from l3 up to the virtio fields; 0 of what was not admitted. */
static uint64_t answer(uint32_t index) {
  if (active_count != (int)frame_count || active[index] != index) return 0;
  const struct descriptor *d = &descriptors[index];
  uint32_t hash = 2166136261u;
  const uint8_t *parts[] = {(const uint8_t *)&d->flags, (const uint8_t *)&d->flow_hash, (const uint8_t *)&d->l3};
  const int bytes[] = {4, 4, 22};
  for (int part = 0; part < 3; part++) {
    for (int i = 0; i < bytes[part]; i++) hash = (hash ^ parts[part][i]) * 16777619u;
  }
  return hash;
}
