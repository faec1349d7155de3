import { IPV4_BYTES, PROTOCOL_AUTHENTICATION } from '../fields.ts';
import {
  MALFORMED_AUTHENTICATION_SHORT,
  MALFORMED_IPV4_HEADER_LENGTH,
  MALFORMED_IPV4_SHORT,
  MALFORMED_IPV4_TOTAL_LENGTH,
  MALFORMED_IP_VERSION,
  PACKET_FRAGMENT,
  PACKET_IPV4,
  PACKET_LATER_FRAGMENT,
  PACKET_OPTIONS,
  PACKET_TRUNCATED,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Authentication } from '../wire/authentication.ts';
import { Ipv4 } from '../wire/ipv4.ts';
import { authenticationBytes } from './authentication.ts';
import { endEarly, endWith } from './end.ts';
import { dissectTransport } from './transport.ts';

/** The IPv4 header at `l3`, its options, and one authentication header behind it. */
export function dissectIpv4(packet: Descriptor, l3: i32): void {
  const length = <i32>packet.length;
  if (length - l3 < IPV4_BYTES) return endEarly(packet, MALFORMED_IPV4_SHORT, l3, length);
  const header = Ipv4.at(packet.byte(l3));
  if (header.version != 4) return endEarly(packet, MALFORMED_IP_VERSION, l3, length);
  const bytes = header.headerBytes;
  const l4 = l3 + bytes;
  if (bytes < IPV4_BYTES || l4 > length) return endEarly(packet, MALFORMED_IPV4_HEADER_LENGTH, l3, length);
  packet.l4 = <u16>l4;
  packet.protocol = header.protocol;
  packet.flags |= flagsOf(header);
  // A total length of 0 is what some stacks put on super-packets: the frame's end is the packet's.
  const total = header.totalLength;
  if (total == 0) return dissectPayload(packet, header, l4, length, length);
  if (total < bytes) return endEarly(packet, MALFORMED_IPV4_TOTAL_LENGTH, l4, l4);
  dissectPayload(packet, header, l4, min(l3 + total, length), l3 + total);
}

function flagsOf(header: Ipv4): u32 {
  let flags = PACKET_IPV4;
  if (header.headerBytes > IPV4_BYTES) flags |= PACKET_OPTIONS;
  if (header.isFragment) flags |= PACKET_FRAGMENT;
  if (header.isLaterFragment) flags |= PACKET_LATER_FRAGMENT;
  return flags;
}

/** The packet should end at `announced`; what there is of it ends at `end`. */
function dissectPayload(packet: Descriptor, header: Ipv4, l4: i32, end: i32, announced: i32): void {
  if (announced > end) packet.flags |= PACKET_TRUNCATED;
  if (header.isLaterFragment) return endWith(packet, l4, end);
  if (header.protocol != PROTOCOL_AUTHENTICATION) {
    return dissectTransport(packet, header.protocol, l4, end, announced);
  }
  const bytes = authenticationBytes(packet, l4, end);
  if (bytes == 0) return endEarly(packet, MALFORMED_AUTHENTICATION_SHORT, l4, end);
  const protocol = Authentication.at(packet.byte(l4)).nextHeader;
  packet.flags |= PACKET_OPTIONS;
  packet.l4 = <u16>(l4 + bytes);
  packet.protocol = protocol;
  dissectTransport(packet, protocol, l4 + bytes, end, announced);
}
