import {
  RING_BATCH_BYTES,
  RING_BATCH_LEAST,
  RING_BUFFER_BYTES,
  RING_BUFFER_COUNT,
  RING_OFFER_OFFSET,
  RING_OWNER_NONE,
  RING_OWNER_OFFERED,
  RING_PORT_ARMED,
  RING_PORT_FAILED,
} from '../ringLayout.ts';
import { Buffer, IORING_OP_READ_MULTISHOT, IOSQE_BUFFER_SELECT, IOSQE_FIXED_FILE, KIND_READ } from './entries.ts';
import { Control, RingPort, Slot } from './memory.ts';
import { hasRoom, nextEntry, publish } from './submit.ts';

/**
 * How many more slots a port should offer. What is offered bounds what a multishot read takes at once, and so how long
 * other ports wait: a batch at most, and of large frames about RING_BATCH_BYTES.
 */
export function wanted(number: u32): i32 {
  const port = RingPort.of(number);
  const affordable = RING_BATCH_BYTES / max<u32>(port.meanBytes, 1);
  const target = min<u32>(max<u32>(affordable, RING_BATCH_LEAST), port.limit);
  return <i32>target - <i32>(port.offered + port.queueCount);
}

/** Offers the `count` slots listed at RING_OFFER_OFFSET. Returns how many of them are valid and were offered. */
export function offer(number: u32, count: i32): i32 {
  const port = RingPort.of(number);
  let offered = 0;
  for (let i = 0; i < count; i++) {
    const slot = <u32>load<u16>(RING_OFFER_OFFSET + 2 * i);
    if (offerSlot(number, slot)) offered++;
  }
  atomic.store<u16>(changetype<usize>(Buffer.at(port.buffers)) + offsetof<Buffer>('tail'), <u16>port.tail);
  return offered;
}

/** Puts a slot into the buffer ring; `offer` tells the kernel. The kernel writes into it, so it is checked. */
function offerSlot(number: u32, index: u32): bool {
  const control = Control.get();
  const port = RingPort.of(number);
  if (index >= control.slotCount || port.offered == RING_BUFFER_COUNT) return false;
  const slot = Slot.of(index);
  if (slot.owner != RING_OWNER_NONE || port.readOffset + port.readBytes > slot.stride) return false;
  slot.owner = RING_OWNER_OFFERED;
  slot.port = number;
  const buffer = Buffer.at(port.buffers + (port.tail++ & (RING_BUFFER_COUNT - 1)) * RING_BUFFER_BYTES);
  buffer.address = control.arena + slot.address + port.readOffset;
  buffer.length = port.readBytes;
  buffer.id = <u16>index;
  port.offered++;
  return true;
}

/** Prepares the multishot read of a port that has slots on offer and none armed. Returns whether it is armed. */
export function arm(number: u32): bool {
  const control = Control.get();
  const port = RingPort.of(number);
  if (port.is(RING_PORT_ARMED)) return true;
  if (port.offered == 0 || !hasRoom(control)) return false;
  const entry = nextEntry(control);
  entry.opcode = IORING_OP_READ_MULTISHOT;
  entry.flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
  entry.fd = number;
  entry.number = number;
  entry.kind = KIND_READ;
  entry.bufferGroup = <u16>number;
  publish(control);
  port.set(RING_PORT_ARMED);
  port.clear(RING_PORT_FAILED);
  return true;
}
