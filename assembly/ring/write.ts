import { COPY_PORT, RECORD_BYTES, RECORD_PORT_MASK } from '../layout.ts';
import { Record } from '../records.ts';
import {
  RING_OUTBOUND_OFFSET,
  RING_OWNER_NONE,
  RING_OWNER_WRITING,
  RING_PORT_GONE,
  RING_PORT_USED,
} from '../ringLayout.ts';
import { complete, postpone } from './answer.ts';
import {
  IORING_OP_NOP,
  IORING_OP_WRITE,
  IOSQE_CQE_SKIP_SUCCESS,
  IOSQE_FIXED_FILE,
  KIND_NOTHING,
  KIND_WRITE,
  RWF_NOWAIT,
  Submission,
} from './entries.ts';
import { EINVAL, ENODEV } from './errno.ts';
import { Control, RingPort, Slot } from './memory.ts';
import { hasRoom, nextEntry, publish } from './submit.ts';

/**
 * Prepares a write for each outbound record from `first` on, as long as there is room for one more.
 *
 * @returns the first record that found no room; `count` when all found some
 */
export function prepare(first: i32, count: i32): i32 {
  const control = Control.get();
  for (let i = first; i < count; i++) {
    if (!accept(control, Record.at(RING_OUTBOUND_OFFSET + i * RECORD_BYTES))) return i;
  }
  return count;
}

/** Records come from outside: slot and length are checked here, before the kernel is told an address. */
function accept(control: Control, record: Record): bool {
  const number = record.port & RECORD_PORT_MASK;
  const port = RingPort.of(min<u32>(number, COPY_PORT));
  if (!port.is(RING_PORT_USED) || port.is(RING_PORT_GONE)) {
    complete(record.slot, record.port, record.length, ENODEV);
  } else if (!isWritable(control, record)) {
    complete(record.slot, record.port, record.length, EINVAL);
  } else if (port.waiting != 0) {
    postpone(record.slot, record.port, record.length, record.offset);
  } else {
    // No more than the ring has entries: so many completions have a place.
    if (control.writing == control.sqEntries || !hasRoom(control)) return false;
    write(control, record, number);
  }
  return true;
}

function isWritable(control: Control, record: Record): bool {
  if (record.slot >= control.slotCount) return false;
  const slot = Slot.of(record.slot);
  if (slot.owner != RING_OWNER_NONE || record.length == 0) return false;
  return record.offset <= slot.stride && record.length <= slot.stride - record.offset;
}

function write(control: Control, record: Record, port: u32): void {
  const slot = Slot.of(record.slot);
  slot.owner = RING_OWNER_WRITING;
  slot.port = record.port;
  slot.length = record.length;
  slot.start = record.offset;
  slot.sequence = ++RingPort.of(port).sequence;
  const entry = nextEntry(control);
  entry.opcode = IORING_OP_WRITE;
  entry.flags = IOSQE_FIXED_FILE;
  entry.fd = port;
  entry.address = control.arena + slot.address + record.offset;
  entry.length = record.length;
  entry.rwFlags = RWF_NOWAIT;
  entry.number = record.slot;
  entry.kind = KIND_WRITE;
  publish(control);
  control.writing++;
}

/** Takes the writes to a port back that the kernel has not seen yet: they wait behind one that it sent back. */
export function withdraw(number: u32): void {
  const control = Control.get();
  const tail = load<u32>(control.sqTail);
  for (let i = atomic.load<u32>(control.sqHead); i != tail; i++) {
    const entry = Submission.of(control, i);
    if (entry.kind != KIND_WRITE || <u32>entry.fd != number) continue;
    const slot = Slot.of(entry.number);
    postpone(entry.number, slot.port, slot.length, slot.start);
    entry.opcode = IORING_OP_NOP;
    entry.flags = IOSQE_CQE_SKIP_SUCCESS;
    entry.rwFlags = 0;
    entry.kind = KIND_NOTHING;
    control.writing--;
  }
}
