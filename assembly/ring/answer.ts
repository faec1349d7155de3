import { RECORD_BYTES, RECORD_PORT_MASK } from '../layout.ts';
import { Record } from '../records.ts';
import { RING_DONE_OFFSET, RING_OWNER_NONE, RING_OWNER_POSTPONED, RING_POSTPONED_OFFSET } from '../ringLayout.ts';
import { ENOBUFS } from './errno.ts';
import { Control, RingPort, Slot } from './memory.ts';

// The two ends of a write: it is done (or never will be), or it has to wait.

/**
 * Gives the slot back to the line. The last word of a completion is the errno. What is counted as written and the owner
 * change without a call in between, since a thread may be ended at one.
 */
export function complete(slot: u32, port: u32, length: u32, errno: i32): void {
  const control = Control.get();
  const record = Record.at(RING_DONE_OFFSET + control.done++ * RECORD_BYTES);
  record.slot = slot;
  record.port = port;
  record.length = length;
  record.offset = <u32>errno;
  if (slot >= control.slotCount) return;
  if (errno == 0) RingPort.of(port & RECORD_PORT_MASK).written++;
  Slot.of(slot).owner = RING_OWNER_NONE;
}

/** Hands a write to the host, who tries again; later writes to the port wait behind it. */
export function postpone(slot: u32, port: u32, length: u32, offset: u32): void {
  const control = Control.get();
  const record = Record.at(RING_POSTPONED_OFFSET + control.postponed++ * RECORD_BYTES);
  record.slot = slot;
  record.port = port;
  record.length = length;
  record.offset = offset;
  const place = Slot.of(slot);
  place.owner = RING_OWNER_POSTPONED;
  place.port = port;
  place.length = length;
  RingPort.of(port & RECORD_PORT_MASK).waiting = 1;
}

/**
 * Frame `sequence` of a port got through: earlier ones that the kernel sent back would now come out of order, and are
 * lost. Nothing else waits for the port, since it had its turn.
 */
export function loseOvertaken(number: u32, sequence: u32): void {
  const control = Control.get();
  const port = RingPort.of(number);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < control.postponed; i++) {
    const record = Record.at(RING_POSTPONED_OFFSET + i * RECORD_BYTES);
    if ((record.port & RECORD_PORT_MASK) == number && isBefore(Slot.of(record.slot).sequence, sequence)) {
      complete(record.slot, record.port, record.length, ENOBUFS);
      port.postponed--;
      continue;
    }
    memory.copy(RING_POSTPONED_OFFSET + kept++ * RECORD_BYTES, changetype<usize>(record), RECORD_BYTES);
  }
  control.postponed = kept;
  if (port.postponed == 0) port.waiting = 0;
}

/** Sequence numbers wrap. */
export function isBefore(one: u32, other: u32): bool {
  return <i32>(one - other) < 0;
}
