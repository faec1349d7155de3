import { OFFLOAD_BITS, type Offload } from './offloads.ts';
import { offloadNames, withoutOrphans } from './offloadMask.ts';
import {
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
} from './virtioHeader.ts';

/**
 * What to go on with after a kernel refused, with EINVAL, a frame whose header was in order: the offloads without the kind
 * of super-packet that failed. The result is no larger than `offloads`, and valid for `setOffloads`; it equals `offloads`
 * when nothing can be given up for this frame, which is then the frame's fault, and again after the last step: so a line
 * steps down at most four times.
 *
 * A super-packet with CWR costs only `tsoEcn` first: without it the kernel cuts those itself.
 *
 * @param offloads what the device from which the frame was read is granted
 * @param gsoType as in the header of the refused frame
 */
export function stepDownOffloads(offloads: readonly Offload[], gsoType: number): readonly Offload[] {
  const mask = offloads.reduce((bits, name) => bits | OFFLOAD_BITS[name], 0);
  const less = withoutOrphans(mask & ~blame(mask, gsoType));
  return less === mask ? offloads : offloadNames(less);
}

/** The TUN_F_* bits that a super-packet of this type needs beside `csum`; 0 for what is none. */
export function needsOf(gsoType: number): number {
  const kind = kinds[gsoType & ~VIRTIO_NET_HDR_GSO_ECN] ?? 0;
  return kind !== 0 && (gsoType & VIRTIO_NET_HDR_GSO_ECN) !== 0 ? kind | OFFLOAD_BITS.tsoEcn : kind;
}

function blame(mask: number, gsoType: number): number {
  const kind = kinds[gsoType & ~VIRTIO_NET_HDR_GSO_ECN] ?? 0;
  const hasEcn = (gsoType & VIRTIO_NET_HDR_GSO_ECN) !== 0;
  return kind !== 0 && hasEcn && (mask & OFFLOAD_BITS.tsoEcn) !== 0 ? OFFLOAD_BITS.tsoEcn : kind;
}

const kinds: Readonly<Record<number, number>> = {
  [VIRTIO_NET_HDR_GSO_TCPV4]: OFFLOAD_BITS.tso4,
  [VIRTIO_NET_HDR_GSO_TCPV6]: OFFLOAD_BITS.tso6,
  [VIRTIO_NET_HDR_GSO_UDP_L4]: OFFLOAD_BITS.uso4 | OFFLOAD_BITS.uso6,
};
