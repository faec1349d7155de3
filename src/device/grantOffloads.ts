import { TaplineError } from '../errors.ts';
import { systemError } from '../sys/systemError.ts';
import { TUNSETOFFLOAD } from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { negotiateOffloads } from './negotiate.ts';
import { withoutOrphans } from './offloadMask.ts';
import { OFFLOAD_BITS } from './offloads.ts';
import { knownOffloads } from './probeOffloads.ts';
import type { Driver } from './tunRequest.ts';

/**
 * Negotiates the offload mask. It is set even when it is 0: a persistent device keeps the mask of its last user.
 *
 * @param refused bits that are not asked for
 * @returns what was granted
 */
export function grantOffloads(driver: Driver, mask: number, refused: number): number {
  const { libc, fd, name } = driver;
  const { granted, errno } = negotiateOffloads(withoutOrphans(mask & ~refused), (attempt) =>
    libc.ioctl(fd, TUNSETOFFLOAD, attempt) < 0 ? libc.errno() : 0,
  );
  if (errno !== 0) {
    throw systemError({ action: `Cannot set the offloads of ${name}`, syscall: 'ioctl(TUNSETOFFLOAD)', errno });
  }
  return granted;
}

/**
 * The offloads that this kernel is known to get wrong. A process that may not make a device, only attach to its own,
 * cannot find out: then none.
 */
export function refusedOffloads(libc: Libc): number {
  try {
    return knownOffloads(libc).refused.reduce((mask, name) => mask | OFFLOAD_BITS[name], 0);
  } catch (error) {
    if (error instanceof TaplineError && error.code === 'PERMISSION') return 0;
    throw error;
  }
}
