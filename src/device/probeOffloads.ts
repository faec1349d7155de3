import { errnos } from '../sys/errno.ts';
import { IFF_NO_PI, IFF_TAP, IFF_VNET_HDR, TUNSETIFF } from '../sys/ifTun.ts';
import { ifreq } from '../sys/ifreq.ts';
import { type Libc, loadLibc } from '../sys/libc.ts';
import { Stack } from '../sys/stack.ts';
import { systemError } from '../sys/systemError.ts';
import { setHeader } from './header.ts';
import { offloadNames, withoutOrphans } from './offloadMask.ts';
import { OFFLOAD_BITS, type Offload } from './offloads.ts';
import { nonsenseFrame, probeFrames, type ProbeFrame } from './probeFrames.ts';
import { openTunNode } from './tunNode.ts';

/** What this kernel takes when it is written. */
export interface OffloadProbe {
  /** Every super-packet of these kinds was taken. */
  readonly accepted: readonly Offload[];
  /** At least one of these kinds was refused with EINVAL, although it was in order. */
  readonly refused: readonly Offload[];
  /** False where the kernel (before Linux 5.1) does not look at a frame while the interface is down: nothing is known. */
  readonly isConclusive: boolean;
}

/**
 * Finds out which super-packets this kernel takes. Asking for an offload does not tell: 6.6.44, 6.10.3 and others granted
 * TCP offloads, and refused every super-packet whose last segment was short.
 *
 * It writes to a TAP device of its own that is never up. The kernel checks a frame, finds the interface down and throws it
 * away (EIO); what it does not take fails before that (EINVAL). So nobody sees a packet. It takes about a millisecond; the
 * device is removed in the background.
 *
 * @throws {TaplineError} as `openTap`
 */
export async function probeOffloads(): Promise<OffloadProbe> {
  return probeWith(await loadLibc());
}

/** As `probeOffloads`, for one process once: a kernel does not change while it runs. */
export function knownOffloads(libc: Libc): OffloadProbe {
  const probe = known.get(libc) ?? probeWith(libc);
  known.set(libc, probe);
  return probe;
}

/**
 * Judges an interface that is down.
 *
 * @param attempt writes a frame; returns the error number
 */
export function judgeOffloads(attempt: (frame: Uint8Array) => number): OffloadProbe {
  if (attempt(nonsenseFrame()) !== errnos.EINVAL) return { accepted: all, refused: [], isConclusive: false };
  const isRefused = ({ bytes }: ProbeFrame) => attempt(bytes) === errnos.EINVAL;
  const refused = probeFrames().filter(isRefused);
  const bits = refused.reduce((mask, { offload }) => mask | OFFLOAD_BITS[offload], 0);
  const accepted = withoutOrphans(ALL_BITS & ~bits);
  return { accepted: offloadNames(accepted), refused: offloadNames(ALL_BITS & ~accepted), isConclusive: true };
}

const known = new WeakMap<Libc, OffloadProbe>();
const all = Object.keys(OFFLOAD_BITS) as Offload[];
const ALL_BITS = all.reduce((mask, name) => mask | OFFLOAD_BITS[name], 0);

function probeWith(libc: Libc): OffloadProbe {
  using stack = new Stack();
  const fd = stack.adopt(openTunNode(libc), libc.closeInBackground);
  const request = ifreq('probe%d');
  request.union.setUint16(0, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, true);
  if (libc.ioctl(fd, TUNSETIFF, request.bytes) < 0) {
    throw systemError({ action: 'Cannot probe offloads', syscall: 'ioctl(TUNSETIFF)', errno: libc.errno() });
  }
  setHeader({ libc, fd, name: 'the probe' });
  return judgeOffloads((frame) => (libc.write(fd, libc.addressOf(frame), frame.length) < 0 ? libc.errno() : 0));
}
