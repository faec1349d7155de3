import * as layout from '../ringLayout.ts';

// The records of the ring memory as overlays, fields in the order in which they lie. ringLayout.ts is the truth and says
// what each field means; a field that stands elsewhere than there stops the build.

@unmanaged
export class Control {
  @inline static get(): Control {
    return changetype<Control>(<usize>layout.RING_CONTROL_OFFSET);
  }

  arena: u64;
  slotCount: u32;
  portLimit: u32;
  sqes: u32;
  sqHead: u32;
  sqTail: u32;
  sqFlags: u32;
  cqes: u32;
  cqHead: u32;
  cqTail: u32;
  cqFlags: u32;
  sqEntries: u32;
  cqEntries: u32;
  done: u32;
  postponed: u32;
  writing: u32;
  queued: u32;
  first: u32;
  readErrors: u32;
  strays: u32;
}

@unmanaged
export class RingPort {
  /** The record of port `number`, which must be below PORT_COUNT. */
  @inline static of(number: u32): RingPort {
    return changetype<RingPort>(<usize>(layout.RING_PORTS_OFFSET + number * layout.RING_PORT_BYTES));
  }

  flags: u32;
  waiting: u32;
  buffers: u32;
  offered: u32;
  tail: u32;
  readBytes: u32;
  readOffset: u32;
  limit: u32;
  queueHead: u32;
  queueCount: u32;
  postponed: u32;
  meanBytes: u32;
  sequence: u32;
  taken: u32;
  written: u32;

  @inline is(flag: u32): bool {
    return (this.flags & flag) != 0;
  }

  @inline set(flag: u32): void {
    this.flags |= flag;
  }

  @inline clear(flag: u32): void {
    this.flags &= ~flag;
  }
}

@unmanaged
export class Slot {
  /** The record of slot `number`, which must be below the arena's count. */
  @inline static of(number: u32): Slot {
    return changetype<Slot>(<usize>(layout.RING_SLOTS_OFFSET + number * layout.RING_SLOT_BYTES));
  }

  address: u32;
  stride: u32;
  owner: u32;
  port: u32;
  length: u32;
  start: u32;
  sequence: u32;
}

/** A frame that was read and not yet handed on. */
@unmanaged
export class Queued {
  /** Entry `index` (counted without end) of the queue of port `number`. */
  @inline static of(number: u32, index: u32): Queued {
    const entry = (index % layout.RING_BUFFER_COUNT) * layout.RING_QUEUED_BYTES;
    return changetype<Queued>(<usize>(layout.RING_QUEUES_OFFSET + number * layout.RING_QUEUE_BYTES + entry));
  }

  slot: u32;
  length: u32;
}

if (
  offsetof<Control>() > <usize>layout.RING_CONTROL_BYTES ||
  offsetof<Control>('arena') != layout.RING_ARENA ||
  offsetof<Control>('slotCount') != layout.RING_SLOT_COUNT ||
  offsetof<Control>('portLimit') != layout.RING_PORT_LIMIT ||
  offsetof<Control>('sqes') != layout.RING_SQES ||
  offsetof<Control>('sqHead') != layout.RING_SQ_HEAD ||
  offsetof<Control>('sqTail') != layout.RING_SQ_TAIL ||
  offsetof<Control>('sqFlags') != layout.RING_SQ_FLAGS ||
  offsetof<Control>('cqes') != layout.RING_CQES ||
  offsetof<Control>('cqHead') != layout.RING_CQ_HEAD ||
  offsetof<Control>('cqTail') != layout.RING_CQ_TAIL ||
  offsetof<Control>('cqFlags') != layout.RING_CQ_FLAGS ||
  offsetof<Control>('sqEntries') != layout.RING_SQ_ENTRIES ||
  offsetof<Control>('cqEntries') != layout.RING_CQ_ENTRIES ||
  offsetof<Control>('done') != layout.RING_DONE ||
  offsetof<Control>('postponed') != layout.RING_POSTPONED ||
  offsetof<Control>('writing') != layout.RING_WRITING ||
  offsetof<Control>('queued') != layout.RING_QUEUED ||
  offsetof<Control>('first') != layout.RING_FIRST ||
  offsetof<Control>('readErrors') != layout.RING_READ_ERRORS ||
  offsetof<Control>('strays') != layout.RING_STRAYS
) {
  ERROR('Control differs from ringLayout.ts');
}

if (
  offsetof<RingPort>() > <usize>layout.RING_PORT_BYTES ||
  offsetof<RingPort>('flags') != layout.RING_PORT_FLAGS ||
  offsetof<RingPort>('waiting') != layout.RING_PORT_WAITING ||
  offsetof<RingPort>('buffers') != layout.RING_PORT_BUFFERS ||
  offsetof<RingPort>('offered') != layout.RING_PORT_OFFERED ||
  offsetof<RingPort>('tail') != layout.RING_PORT_TAIL ||
  offsetof<RingPort>('readBytes') != layout.RING_PORT_READ_BYTES ||
  offsetof<RingPort>('readOffset') != layout.RING_PORT_READ_OFFSET ||
  offsetof<RingPort>('limit') != layout.RING_PORT_LIMIT_COUNT ||
  offsetof<RingPort>('queueHead') != layout.RING_PORT_QUEUE_HEAD ||
  offsetof<RingPort>('queueCount') != layout.RING_PORT_QUEUE_COUNT ||
  offsetof<RingPort>('postponed') != layout.RING_PORT_POSTPONED ||
  offsetof<RingPort>('meanBytes') != layout.RING_PORT_MEAN_BYTES ||
  offsetof<RingPort>('sequence') != layout.RING_PORT_SEQUENCE ||
  offsetof<RingPort>('taken') != layout.RING_PORT_TAKEN ||
  offsetof<RingPort>('written') != layout.RING_PORT_WRITTEN
) {
  ERROR('RingPort differs from ringLayout.ts');
}

if (
  offsetof<Slot>() != layout.RING_SLOT_BYTES ||
  offsetof<Slot>('address') != layout.RING_SLOT_ADDRESS ||
  offsetof<Slot>('stride') != layout.RING_SLOT_STRIDE ||
  offsetof<Slot>('owner') != layout.RING_SLOT_OWNER ||
  offsetof<Slot>('port') != layout.RING_SLOT_PORT ||
  offsetof<Slot>('length') != layout.RING_SLOT_LENGTH ||
  offsetof<Slot>('start') != layout.RING_SLOT_START ||
  offsetof<Slot>('sequence') != layout.RING_SLOT_SEQUENCE
) {
  ERROR('Slot differs from ringLayout.ts');
}

if (offsetof<Queued>() != layout.RING_QUEUED_BYTES) {
  ERROR('Queued differs from ringLayout.ts');
}
