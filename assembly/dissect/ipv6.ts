import {
  EXTENSION_BYTES,
  FRAGMENT_BYTES,
  IPV6_BYTES,
  PROTOCOL_AUTHENTICATION,
  PROTOCOL_FRAGMENT,
  PROTOCOL_ROUTING,
} from '../fields.ts';
import {
  EXTENSION_LIMIT,
  MALFORMED_AUTHENTICATION_SHORT,
  MALFORMED_IPV6_EXTENSION_LIMIT,
  MALFORMED_IPV6_EXTENSION_SHORT,
  MALFORMED_IPV6_SHORT,
  MALFORMED_IP_VERSION,
  PACKET_FRAGMENT,
  PACKET_IPV6,
  PACKET_LATER_FRAGMENT,
  PACKET_OPTIONS,
  PACKET_SEGMENTS_LEFT,
  PACKET_TRUNCATED,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Extension } from '../wire/extension.ts';
import { Fragment } from '../wire/fragment.ts';
import { Ipv6 } from '../wire/ipv6.ts';
import { authenticationBytes } from './authentication.ts';
import { endEarly, endWith } from './end.ts';
import { TransportLayer } from './transport.ts';

/** The IPv6 header at `l3`, its extension headers, and what they carry. Returns the packet's flags. */
export function dissectIpv6(packet: Descriptor, flags: u32, l3: i32): u32 {
  const length = <i32>packet.length;
  if (length - l3 < IPV6_BYTES) return endEarly(packet, flags, MALFORMED_IPV6_SHORT, l3, length);
  const header = Ipv6.at(packet.byte(l3));
  if (header.version != 6) return endEarly(packet, flags, MALFORMED_IP_VERSION, l3, length);
  flags |= PACKET_IPV6;
  // RFC 2675: a payload length of 0 is a jumbogram's (or a super-packet's): the frame's end is the packet's.
  const bytes = header.payloadLength;
  const announced = bytes == 0 ? length : l3 + IPV6_BYTES + bytes;
  if (announced > length) flags |= PACKET_TRUNCATED;
  return dissectChain(packet, flags, header.nextHeader, l3 + IPV6_BYTES, min(announced, length), announced);
}

/** Extension headers from `offset` on, at most EXTENSION_LIMIT of them; each step is at least 8 bytes. RFC 8200 4. */
function dissectChain(packet: Descriptor, flags: u32, protocol: i32, offset: i32, end: i32, announced: i32): u32 {
  for (let count = 0; isExtension(protocol); count++) {
    const bytes = extensionBytes(packet, protocol, offset, end);
    if (count == EXTENSION_LIMIT || bytes == 0) {
      place(packet, protocol, offset);
      return endEarly(packet, flags, bytes == 0 ? shortness(protocol) : MALFORMED_IPV6_EXTENSION_LIMIT, offset, end);
    }
    flags |= PACKET_OPTIONS;
    const header = packet.byte(offset);
    if (protocol == PROTOCOL_FRAGMENT) flags |= fragmentFlags(Fragment.at(header));
    else if (protocol == PROTOCOL_ROUTING) flags |= routingFlags(Extension.at(header));
    // The next header stands first in every extension header, whatever its shape.
    protocol = Extension.at(header).nextHeader;
    offset += bytes;
    if (flags & PACKET_LATER_FRAGMENT) {
      place(packet, protocol, offset);
      return endWith(packet, flags, offset, end);
    }
  }
  place(packet, protocol, offset);
  return TransportLayer.dissect(packet, flags, protocol, offset, end, announced);
}

function isExtension(protocol: i32): bool {
  return Extension.isAnnouncedBy(protocol) || protocol == PROTOCOL_FRAGMENT || protocol == PROTOCOL_AUTHENTICATION;
}

/** Bytes of the extension header at `offset`; 0 when it does not end by `end`. */
function extensionBytes(packet: Descriptor, protocol: i32, offset: i32, end: i32): i32 {
  if (protocol == PROTOCOL_AUTHENTICATION) return authenticationBytes(packet, offset, end);
  const room = end - offset;
  if (room < EXTENSION_BYTES) return 0;
  const bytes = protocol == PROTOCOL_FRAGMENT ? FRAGMENT_BYTES : Extension.at(packet.byte(offset)).bytes;
  return bytes > room ? 0 : bytes;
}

function shortness(protocol: i32): i32 {
  return protocol == PROTOCOL_AUTHENTICATION ? MALFORMED_AUTHENTICATION_SHORT : MALFORMED_IPV6_EXTENSION_SHORT;
}

function routingFlags(header: Extension): u32 {
  return header.segmentsLeft != 0 ? PACKET_SEGMENTS_LEFT : 0;
}

function fragmentFlags(header: Fragment): u32 {
  if (header.isLaterFragment) return PACKET_FRAGMENT | PACKET_LATER_FRAGMENT;
  return header.isFragment ? PACKET_FRAGMENT : 0;
}

function place(packet: Descriptor, protocol: i32, l4: i32): void {
  packet.protocol = <u8>protocol;
  packet.l4 = <u16>l4;
}
