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
import { isBetween } from './range.ts';
import { TransportLayer } from './transport.ts';

export class Ipv4Layer {
  /** The IPv4 header at `l3`, its options, and one authentication header behind it. Returns the packet's flags. */
  @inline static dissect(packet: Descriptor, flags: u32, l3: i32): u32 {
    const length = <i32>packet.length;
    if (length - l3 < IPV4_BYTES) return endEarly(packet, flags, MALFORMED_IPV4_SHORT, l3, length);
    const header = Ipv4.at(packet.byte(l3));
    if (header.version != 4) return endEarly(packet, flags, MALFORMED_IP_VERSION, l3, length);
    const bytes = header.headerBytes;
    const l4 = l3 + bytes;
    if (!isBetween(l4, l3 + IPV4_BYTES, length))
      return endEarly(packet, flags, MALFORMED_IPV4_HEADER_LENGTH, l3, length);
    place(packet, header.protocol, l4);
    return Ipv4Layer.dissectPayload(packet, flags | flagsOf(header, bytes), header, l3, l4);
  }

  /** A total length of 0 is what some stacks put on super-packets: the frame's end is the packet's. */
  @inline private static dissectPayload(packet: Descriptor, flags: u32, header: Ipv4, l3: i32, l4: i32): u32 {
    const length = <i32>packet.length;
    const total = header.totalLength;
    const announced = total == 0 ? length : l3 + total;
    if (announced < l4) return endEarly(packet, flags, MALFORMED_IPV4_TOTAL_LENGTH, l4, l4);
    let end = announced;
    if (announced > length) {
      flags |= PACKET_TRUNCATED;
      end = length;
    }
    if (flags & PACKET_LATER_FRAGMENT) return endWith(packet, flags, l4, end);
    let protocol = header.protocol;
    if (protocol == PROTOCOL_AUTHENTICATION) {
      const bytes = authenticationBytes(packet, l4, end);
      if (bytes == 0) return endEarly(packet, flags, MALFORMED_AUTHENTICATION_SHORT, l4, end);
      protocol = Authentication.at(packet.byte(l4)).nextHeader;
      flags |= PACKET_OPTIONS;
      l4 += bytes;
      place(packet, protocol, l4);
    }
    return TransportLayer.dissect(packet, flags, protocol, l4, end, announced);
  }
}

function flagsOf(header: Ipv4, bytes: i32): u32 {
  let flags = PACKET_IPV4;
  if (bytes > IPV4_BYTES) flags |= PACKET_OPTIONS;
  return header.isFragment ? flags | fragmentFlags(header) : flags;
}

function fragmentFlags(header: Ipv4): u32 {
  return header.isLaterFragment ? PACKET_FRAGMENT | PACKET_LATER_FRAGMENT : PACKET_FRAGMENT;
}

function place(packet: Descriptor, protocol: u8, l4: i32): void {
  packet.protocol = protocol;
  packet.l4 = <u16>l4;
}
