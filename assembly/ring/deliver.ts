import { RECORD_BYTES, RECORD_FLAG_TRUNCATED } from '../layout.ts';
import { Record } from '../records.ts';
import { RING_INBOUND_OFFSET, RING_OWNER_NONE } from '../ringLayout.ts';
import { Control, Queued, RingPort, Slot } from './memory.ts';

/**
 * Hands at most `limit` frames to the line: each port an equal share, and what some of them leave to those that have more.
 * Returns how many records it wrote at RING_INBOUND_OFFSET.
 */
export function deliver(limit: i32): i32 {
  const control = Control.get();
  let count = 0;
  while (count < limit && control.queued != 0) count = deliverRound(control, count, limit);
  if (limit > 0 && control.portLimit != 0) control.first = (control.first + 1) % control.portLimit;
  return count;
}

/**
 * Gives every port that has frames its share of what is left of the limit, beginning with those that have no more than
 * that: what they have is written first, and does not wait behind a flood. Returns the new count.
 */
function deliverRound(control: Control, count: i32, limit: i32): i32 {
  const share = max((limit - count) / portsWithFrames(control), 1);
  const shortEnd = deliverPass(control, count, limit, share, true);
  return deliverPass(control, shortEnd, limit, share, false);
}

/** Gives its share to every port with a short queue, or to every port. */
function deliverPass(control: Control, count: i32, limit: i32, share: i32, onlyShort: bool): i32 {
  for (let i: u32 = 0; i < control.portLimit && count < limit; i++) {
    const number = (control.first + i) % control.portLimit;
    if (onlyShort && RingPort.of(number).queueCount > <u32>share) continue;
    const end = min(count + share, limit);
    while (count < end && RingPort.of(number).queueCount != 0) handOn(control, number, count++);
  }
  return count;
}

function portsWithFrames(control: Control): i32 {
  let ports = 0;
  for (let number: u32 = 0; number < control.portLimit; number++) {
    if (RingPort.of(number).queueCount != 0) ports++;
  }
  return ports;
}

/** Moves the oldest frame of a port to inbound record `index`. */
function handOn(control: Control, number: u32, index: i32): void {
  const port = RingPort.of(number);
  const queued = Queued.of(number, port.queueHead++);
  port.queueCount--;
  control.queued--;
  Slot.of(queued.slot).owner = RING_OWNER_NONE;
  const record = Record.at(RING_INBOUND_OFFSET + index * RECORD_BYTES);
  record.slot = queued.slot;
  record.port = number | (queued.length == port.readBytes ? RECORD_FLAG_TRUNCATED : 0);
  record.length = queued.length;
  record.offset = port.readOffset;
}
