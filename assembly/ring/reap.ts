import { RECORD_PORT_MASK } from '../layout.ts';
import {
  RING_OWNER_OFFERED,
  RING_OWNER_QUEUED,
  RING_OWNER_WRITING,
  RING_PORT_ARMED,
  RING_PORT_DOWN,
  RING_PORT_FAILED,
  RING_PORT_GONE,
  RING_PORT_USED,
} from '../ringLayout.ts';
import { complete, isBefore, loseOvertaken, postpone } from './answer.ts';
import {
  Completion,
  IORING_CQE_BUFFER_SHIFT,
  IORING_CQE_F_BUFFER,
  IORING_CQE_F_MORE,
  KIND_READ,
  KIND_WRITE,
} from './entries.ts';
import { EIO, EMSGSIZE, ENOBUFS, isLater, isLost, isPlainEnd } from './errno.ts';
import { Control, Queued, RingPort, Slot } from './memory.ts';
import { withdraw } from './write.ts';

/** Takes in what the kernel has completed. Returns how many completions there were. */
export function reap(): i32 {
  const control = Control.get();
  const first = load<u32>(control.cqHead);
  const tail = atomic.load<u32>(control.cqTail);
  for (let i = first; i != tail; i++) {
    const completion = Completion.of(control, i);
    if (completion.kind == KIND_WRITE) wrote(control, completion);
    else if (completion.kind == KIND_READ) read(control, completion);
  }
  atomic.store<u32>(control.cqHead, tail);
  for (let number: u32 = 0; number < control.portLimit; number++) {
    const port = RingPort.of(number);
    if (port.postponed != 0) withdraw(number);
    port.postponed = 0;
  }
  return tail - first;
}

/** The kernel gave a write back: it was done, or has to wait, or never will be. */
function wrote(control: Control, completion: Completion): void {
  const number = completion.number;
  if (number >= control.slotCount || Slot.of(number).owner != RING_OWNER_WRITING) {
    control.strays++;
    return;
  }
  const slot = Slot.of(number);
  const port = RingPort.of(slot.port & RECORD_PORT_MASK);
  control.writing--;
  if (<u32>completion.result == slot.length) {
    if (isBefore(port.taken, slot.sequence)) port.taken = slot.sequence;
    if (port.postponed != 0) loseOvertaken(slot.port & RECORD_PORT_MASK, slot.sequence);
    port.clear(RING_PORT_DOWN);
    complete(number, slot.port, slot.length, 0);
  } else if (completion.result < 0 && isLater(-completion.result)) {
    sentBack(number, slot, port);
  } else {
    const errno = completion.result < 0 ? -completion.result : EMSGSIZE;
    noteFailure(port, errno);
    complete(number, slot.port, slot.length, errno);
  }
}

/** It waits, unless a later frame of its port got through: then it would come out of order, and is lost. */
function sentBack(number: u32, slot: Slot, port: RingPort): void {
  if (isBefore(slot.sequence, port.taken)) {
    complete(number, slot.port, slot.length, ENOBUFS);
  } else {
    port.postponed++;
    postpone(number, slot.port, slot.length, slot.start);
  }
}

function noteFailure(port: RingPort, errno: i32): void {
  if (isLost(errno)) port.set(RING_PORT_GONE);
  else if (errno == EIO) port.set(RING_PORT_DOWN);
}

/** A multishot read brought a frame, or ended. */
function read(control: Control, completion: Completion): void {
  if (completion.number >= control.portLimit || !RingPort.of(completion.number).is(RING_PORT_USED)) {
    control.strays++;
    return;
  }
  const port = RingPort.of(completion.number);
  if ((completion.flags & IORING_CQE_F_MORE) == 0) port.clear(RING_PORT_ARMED);
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) takeBuffer(control, port, completion);
  // The other side of a socket was closed. A device never answers so.
  if (completion.result == 0) port.set(RING_PORT_GONE);
  else if (completion.result < 0) readFailed(control, port, -completion.result);
}

function takeBuffer(control: Control, port: RingPort, completion: Completion): void {
  const number = completion.flags >> IORING_CQE_BUFFER_SHIFT;
  if (number >= control.slotCount || Slot.of(number).owner != RING_OWNER_OFFERED) {
    control.strays++;
    return;
  }
  const slot = Slot.of(number);
  if (slot.port != completion.number || completion.result > <i32>port.readBytes) {
    control.strays++;
    return;
  }
  slot.owner = RING_OWNER_QUEUED;
  port.offered--;
  const queued = Queued.of(completion.number, port.queueHead + port.queueCount++);
  queued.slot = number;
  queued.length = <u32>max(completion.result, 0);
  control.queued++;
  port.meanBytes = <u32>(<i32>port.meanBytes + (<i32>queued.length - <i32>port.meanBytes) / 8);
}

function readFailed(control: Control, port: RingPort, errno: i32): void {
  if (isLost(errno)) {
    port.set(RING_PORT_GONE);
  } else if (!isPlainEnd(errno)) {
    port.set(RING_PORT_FAILED);
    control.readErrors++;
  }
}
