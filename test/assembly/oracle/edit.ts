import * as layout from '../../../assembly/layout.ts';
import type { Dissected, VirtioFields } from '../descriptor.ts';
import { checksumField, get16 } from '../packets.ts';
import { pseudoHeader, sum } from './checksum.ts';

/** A checksum in a frame: where its field lies and which bytes it covers, the field itself left out. */
export interface Covered {
  field: number;
  /** Whether the field holds a sum to be completed, not its complement. */
  isSeed: boolean;
  /** The covered bytes of `frame`, in the order and at the parity in which they are summed. */
  bytes: (frame: Uint8Array) => Uint8Array;
}

/** The checksums of a dissected frame that edits keep right. */
export function checksumsOf(frame: Uint8Array, found: Dissected, virtio: VirtioFields): Covered[] {
  const checksums: Covered[] = [];
  if (found.flags & layout.PACKET_IPV4) checksums.push(networkChecksum(frame, found));
  const transport = found.flags & layout.PACKET_LATER_FRAGMENT ? undefined : transportChecksum(frame, found, virtio);
  if (transport !== undefined) checksums.push(transport);
  return checksums;
}

function networkChecksum(frame: Uint8Array, { l3 }: Dissected): Covered {
  const end = l3 + ((frame[l3] ?? 0) & 15) * 4;
  return { field: l3 + 10, isSeed: false, bytes: (bytes) => without(bytes, l3, end, l3 + 10) };
}

function transportChecksum(frame: Uint8Array, found: Dissected, virtio: VirtioFields): Covered | undefined {
  const { l4, flags, protocol } = found;
  const isInternet = layout.PACKET_TCP | layout.PACKET_UDP | layout.PACKET_ICMP | layout.PACKET_ICMPV6;
  if ((flags & isInternet) === 0) return undefined;
  const field = l4 + checksumField(protocol);
  const isPartial = (flags & layout.PACKET_PARTIAL_CHECKSUM) !== 0;
  const isSeed = isPartial && virtio.csumStart + virtio.csumOffset === field;
  let end = Math.min(found.payload + found.payloadLength, frame.length);
  if (flags & layout.PACKET_UDP && get16(frame, l4 + 4) >= 8) end = Math.min(end, l4 + get16(frame, l4 + 4));
  if (isPartial) end = Math.min(end, virtio.csumStart);
  const pseudo = (bytes: Uint8Array): Uint8Array =>
    flags & layout.PACKET_ICMP ? new Uint8Array() : pseudoHeader(addresses(bytes, found), protocol, 0);
  return {
    field,
    isSeed,
    bytes: (bytes) => Uint8Array.from([...pseudo(bytes), ...without(bytes, l4, Math.max(end, l4), field)]),
  };
}

/** The addresses of the pseudo-header; while segments are left, the destination is not yet the last one (RFC 8200 8.1). */
function addresses(frame: Uint8Array, found: Dissected): Uint8Array {
  if (found.flags & layout.PACKET_IPV4) return frame.slice(found.l3 + 12, found.l3 + 20);
  return frame.slice(found.l3 + 8, found.l3 + (found.flags & layout.PACKET_SEGMENTS_LEFT ? 24 : 40));
}

/** Bytes `start` … `end`, the checksum field zeroed. */
function without(frame: Uint8Array, start: number, end: number, field: number): Uint8Array {
  return frame
    .slice(start, end)
    .map((byte, index) => (start + index === field || start + index === field + 1 ? 0 : byte));
}

/** What becomes of a checksum's field when `before` is made `after`: a number modulo 65,535. */
export function expectedField(checksum: Covered, before: Uint8Array, after: Uint8Array): number {
  const change = sum(checksum.bytes(after)) - sum(checksum.bytes(before));
  const old = get16(before, checksum.field);
  return (((checksum.isSeed ? old + change : old - change) % 0xffff) + 0xffff) % 0xffff;
}
