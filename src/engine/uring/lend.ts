import type { Libc } from '../../sys/libc.ts';
import type { Loan, SharedMemory, SlotPlaces } from '../lent/lent.ts';
import { quietFd, quieten } from '../lent/quiet.ts';
import type { FdPort } from '../readloop.ts';
import { remainsOf } from './remains.ts';
import { unregisterAll } from './resources.ts';
import type { RingSizes } from './ringSizes.ts';
import { openRing, unavailable } from './setUp.ts';

/**
 * Opens a ring for a worker to run (`Uring.adopt`). This thread owns its memory and its descriptors, and those of the
 * ports; none of them may be closed before the loan is buried.
 *
 * @param places where the slots of the worker's arena will lie
 * @param arena the memory of that arena
 * @param ports non-blocking descriptors that can be polled
 * @param sizes entries of the rings. Default: for a batch out, and a batch in from every port
 * @throws {TaplineError} `ENGINE_UNAVAILABLE` where the kernel does not allow it
 */
export async function lendUring(
  libc: Libc,
  places: SlotPlaces,
  arena: SharedMemory,
  ports: readonly FdPort[],
  sizes?: RingSizes,
): Promise<Loan> {
  const bytes = new Uint8Array(arena.buffer);
  const quiet = quietFd(libc);
  if (quiet < 0) throw unavailable({ step: 'eventfd', errno: libc.errno() });
  const ring = await openRing(libc, { bytes, places }, ports, sizes, true).catch((error: unknown) => {
    libc.close(quiet);
    throw error;
  });
  const { fd, eventFd, space } = ring;
  const loan = { ring, bytes };
  lent.add(loan);
  let isBuried = false;
  return {
    handle: { engine: 'uring', memory: space.memory, fd, wakeFd: eventFd, sizes: ring.sizes },
    silence() {
      if (!isBuried) quieten(libc, eventFd, quiet);
    },
    bury() {
      if (!isBuried) {
        // Of a ring that no worker has enabled: so its devices can be opened again at once.
        unregisterAll(ring, ports);
        for (const one of [fd, eventFd, quiet]) libc.close(one);
        lent.delete(loan);
      }
      isBuried = true;
      return remainsOf(space);
    },
  };
}

/** The kernel may write into these until they are buried: they must not be collected before. */
const lent = new Set<object>();
