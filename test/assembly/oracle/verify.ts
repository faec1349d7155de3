import * as layout from '../../../assembly/layout.ts';
import type { Dissected } from '../descriptor.ts';
import { get16 } from '../packets.ts';
import { pseudoHeader, sum } from './checksum.ts';

const UNTOLD =
  layout.PACKET_FRAGMENT |
  layout.PACKET_TRUNCATED |
  layout.PACKET_MALFORMED |
  layout.PACKET_SUPER |
  layout.PACKET_PARTIAL_CHECKSUM |
  layout.PACKET_SEGMENTS_LEFT;

/** Transport checksum of a dissected frame: 0 wrong, 1 right, 2 cannot be told. */
export function verifyTransport(frame: Uint8Array, found: Dissected): number {
  const { flags, l3, l4, protocol } = found;
  const isInternet = layout.PACKET_TCP | layout.PACKET_UDP | layout.PACKET_ICMP | layout.PACKET_ICMPV6;
  if ((flags & isInternet) === 0 || (flags & UNTOLD) !== 0) return 2;
  if (flags & layout.PACKET_UDP && get16(frame, l4 + 6) === 0) return 2;
  let segment = frame.slice(l4, found.payload + found.payloadLength);
  if (flags & layout.PACKET_UDP && get16(frame, l4 + 4) > 0) segment = segment.slice(0, get16(frame, l4 + 4));
  const addresses = flags & layout.PACKET_IPV4 ? frame.slice(l3 + 12, l3 + 20) : frame.slice(l3 + 8, l3 + 40);
  const pseudo = flags & layout.PACKET_ICMP ? new Uint8Array() : pseudoHeader(addresses, protocol, segment.length);
  return Number(sum(segment, sum(pseudo)) === 0xffff);
}
