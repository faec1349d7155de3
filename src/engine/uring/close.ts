import * as L from '../../../assembly/ringLayout.ts';
import { errnos } from '../../sys/errno.ts';
import { IORING_ENTER_GETEVENTS, ioUringEnter } from '../../sys/ioUring.ts';
import type { SlotSource } from '../engine.ts';
import type { FdPort } from '../readloop.ts';
import { cancelAll, unregisterAll } from './resources.ts';
import type { Ring } from './setUp.ts';

/** Each brings completions of what was cancelled; one is enough, as far as was seen. */
const REAP_ATTEMPTS = 16;

/**
 * Ends all reads and writes, gives every slot back, lets go of the devices and closes the ring. In this order the devices
 * can be opened again at once. A ring that is lent is closed by its owner.
 */
export function closeRing(ring: Ring, ports: readonly FdPort[], slots: SlotSource): void {
  const { libc, fd, eventFd } = ring;
  cancelAll(ring);
  for (let attempt = 0; attempt < REAP_ATTEMPTS && isAtWork(ring, ports); attempt++) {
    // Nothing more is handed to the kernel: what it has not seen is only given back.
    ioUringEnter(libc, fd, 0, IORING_ENTER_GETEVENTS);
    ring.space.driver.reap();
  }
  unregisterAll(ring, ports);
  if (!ring.isLent) {
    libc.close(fd);
    libc.close(eventFd);
  }
  giveBack(ring, slots);
}

function isAtWork({ space }: Ring, ports: readonly FdPort[]): boolean {
  if (space.control(L.RING_WRITING) > space.driver.unsubmitted()) return true;
  return ports.some(({ number }) => (space.port(number, L.RING_PORT_FLAGS) & L.RING_PORT_ARMED) !== 0);
}

/** Frames that nobody read are lost with their slots; writes that never ended are completed with ECANCELED. */
function giveBack({ space }: Ring, slots: SlotSource): void {
  space.setControl(L.RING_POSTPONED, 0);
  for (let slot = 0; slot < slots.slotCount; slot++) {
    const owner = space.slot(slot, L.RING_SLOT_OWNER);
    if (owner === L.RING_OWNER_WRITING || owner === L.RING_OWNER_POSTPONED) {
      const [port, length] = [space.slot(slot, L.RING_SLOT_PORT), space.slot(slot, L.RING_SLOT_LENGTH)];
      space.driver.complete(slot, port, length, errnos.ECANCELED);
    } else if (owner !== L.RING_OWNER_NONE) {
      space.setSlotOwner(slot, L.RING_OWNER_NONE);
      slots.release(slot);
    }
  }
  space.setControl(L.RING_WRITING, 0);
  space.setControl(L.RING_QUEUED, 0);
}
