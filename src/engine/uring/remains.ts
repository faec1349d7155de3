import { RECORD_PORT_MASK } from '../../../assembly/layout.ts';
import * as L from '../../../assembly/ringLayout.ts';
import { CQE_BYTES } from '../../sys/ioUring.ts';
import { Remains } from '../lent/remains.ts';
import type { RingSpace } from './ringMemory.ts';

/** Completions as `assembly/ring/entries.ts` has them: number u32, kind u32, result i32, flags u32. */
const KIND_READ = 1;
const KIND_WRITE = 2;
const CQE_F_BUFFER = 1;
const CQE_BUFFER_SHIFT = 16;

/**
 * What a ring has done over its life, read from its memory after the thread that ran it has ended. What the driver took in
 * is counted by port. Completions that it had not acknowledged may have been taken in all the same, when the thread was
 * ended in the middle: the owner of the slot tells, which changes in one step with the count.
 */
export function remainsOf(space: RingSpace): Remains {
  const limit = space.control(L.RING_PORT_LIMIT);
  const ports = Array.from({ length: limit }, (_, number) => number);
  const filled = ports.map(
    (port) => space.port(port, L.RING_PORT_QUEUE_HEAD) + space.port(port, L.RING_PORT_QUEUE_COUNT),
  );
  const written = ports.map((port) => space.port(port, L.RING_PORT_WRITTEN));
  const { view } = space;
  const tail = view.getUint32(space.control(L.RING_CQ_TAIL), true);
  let index = view.getUint32(space.control(L.RING_CQ_HEAD), true);
  for (; index !== tail; index = (index + 1) >>> 0) {
    const entry = space.control(L.RING_CQES) + (index & (space.control(L.RING_CQ_ENTRIES) - 1)) * CQE_BYTES;
    const number = view.getUint32(entry, true);
    const [kind, result] = [view.getUint32(entry + 4, true), view.getInt32(entry + 8, true)];
    const flags = view.getUint32(entry + 12, true);
    if (kind === KIND_READ && isFilled(space, number, flags)) filled[number] = (filled[number] ?? 0) + 1;
    if (kind === KIND_WRITE && isWritten(space, number, result)) {
      const port = space.slot(number, L.RING_SLOT_PORT) & RECORD_PORT_MASK;
      written[port] = (written[port] ?? 0) + 1;
    }
  }
  return new Remains(filled, written);
}

function isFilled(space: RingSpace, port: number, flags: number): boolean {
  const slot = flags >>> CQE_BUFFER_SHIFT;
  if ((flags & CQE_F_BUFFER) === 0 || slot >= space.control(L.RING_SLOT_COUNT)) return false;
  return space.slot(slot, L.RING_SLOT_OWNER) === L.RING_OWNER_OFFERED && space.slot(slot, L.RING_SLOT_PORT) === port;
}

function isWritten(space: RingSpace, slot: number, result: number): boolean {
  if (slot >= space.control(L.RING_SLOT_COUNT)) return false;
  return (
    space.slot(slot, L.RING_SLOT_OWNER) === L.RING_OWNER_WRITING && space.slot(slot, L.RING_SLOT_LENGTH) === result
  );
}
