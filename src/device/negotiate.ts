import { errnos } from '../sys/errno.ts';

/**
 * Asks for a mask of offloads, and for less as long as the kernel does not know all of it: there is no request to ask
 * what it knows.
 *
 * @param asked a mask that `offloadMask` accepted
 * @param attempt performs TUNSETOFFLOAD; returns 0 or the error number
 * @returns the granted mask, and the error number that ended the search when even 0 was refused
 */
export function negotiateOffloads(
  asked: number,
  attempt: (mask: number) => number,
): { readonly granted: number; readonly errno: number } {
  let errno = 0;
  for (const mask of new Set(steps.map((step) => asked & step))) {
    errno = attempt(mask);
    if (errno !== errnos.EINVAL) return { granted: errno === 0 ? mask : 0, errno };
  }
  return { granted: 0, errno };
}

/** Everything; without TSO_ECN; without USO (Linux before 6.2); without both; checksums only; nothing. */
const steps = [0x6f, 0x67, 0x0f, 0x07, 0x01, 0];
