import { EFD_CLOEXEC, EFD_NONBLOCK, O_CLOEXEC } from '../../sys/fcntl.ts';
import type { Libc } from '../../sys/libc.ts';

/** A descriptor that never becomes readable, kept at hand: there may be none left when it is needed. Or a result below 0. */
export function quietFd(libc: Libc): number {
  return libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/**
 * Puts it in the place of `wakeFd`. The event loop that waits there forgets what it was with its last descriptor, and
 * finds the quiet one if it asks again.
 */
export function quieten(libc: Libc, wakeFd: number, quiet: number): void {
  libc.dup3(quiet, wakeFd, O_CLOEXEC);
}
