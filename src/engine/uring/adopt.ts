import * as L from '../../../assembly/ringLayout.ts';
import { IORING_REGISTER_ENABLE_RINGS, ioUringRegister } from '../../sys/ioUring.ts';
import type { Libc } from '../../sys/libc.ts';
import { systemError } from '../../sys/systemError.ts';
import type { SlotSource } from '../engine.ts';
import type { UringHandle } from '../lent/lent.ts';
import type { FdPort } from '../readloop.ts';
import { RingSpace } from './ringMemory.ts';
import type { Ring } from './setUp.ts';

/**
 * Makes this thread the one that uses a ring which another one has opened. It must live no longer than the memory, which
 * the other thread holds.
 *
 * @throws {RangeError} when the ring was made for another arena
 */
export function adoptRing(
  libc: Libc,
  slots: SlotSource,
  ports: readonly FdPort[],
  { memory, fd, wakeFd, sizes }: UringHandle,
): Ring {
  const arena = libc.addressOf(slots.bytes);
  const space = new RingSpace(slots, arena, ports, sizes, memory);
  const made = space.view.getBigUint64(L.RING_CONTROL_OFFSET + L.RING_ARENA, true);
  if (made !== BigInt(arena) || space.control(L.RING_SLOT_COUNT) !== slots.slotCount) {
    throw new RangeError('Cannot adopt a ring that was made for another arena');
  }
  const result = ioUringRegister(libc, fd, IORING_REGISTER_ENABLE_RINGS, 0, 0);
  if (result < 0) throw systemError({ action: 'Cannot adopt a ring', syscall: 'io_uring_register', errno: -result });
  return { libc, space, fd, eventFd: wakeFd, base: libc.addressOf(space.bytes), sizes, isLent: true };
}
