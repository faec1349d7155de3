import {
  ICMPV6_CHECKSUM,
  ICMP_CHECKSUM,
  IPV4_ADDRESS_BYTES,
  IPV4_SOURCE,
  IPV6_ADDRESS_BYTES,
  IPV6_SOURCE,
  PROTOCOL_AUTHENTICATION,
  TCP_CHECKSUM,
  UDP_BYTES,
  UDP_CHECKSUM,
} from './fields.ts';
import {
  PACKET_ICMP,
  PACKET_ICMPV6,
  PACKET_IPV4,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_SEGMENTS_LEFT,
  PACKET_TCP,
  PACKET_UDP,
} from './layout.ts';
import { Descriptor } from './records.ts';
import { Ipv4 } from './wire/ipv4.ts';
import { Udp } from './wire/udp.ts';

// Which bytes of a frame a checksum covers. All positions are offsets from the frame's first byte.

/** Where the transport checksum lies; −1 when there is none that is an Internet checksum. */
export function transportField(packet: Descriptor): i32 {
  const l4 = <i32>packet.l4;
  if (packet.has(PACKET_TCP)) return l4 + TCP_CHECKSUM;
  if (packet.has(PACKET_UDP)) return l4 + UDP_CHECKSUM;
  if (packet.has(PACKET_ICMP)) return l4 + ICMP_CHECKSUM;
  if (packet.has(PACKET_ICMPV6)) return l4 + ICMPV6_CHECKSUM;
  return -1;
}

/** Whether the transport checksum is the one that the virtio header leaves to be completed. */
export function isPartial(packet: Descriptor): bool {
  return (
    packet.has(PACKET_PARTIAL_CHECKSUM) && <i32>packet.csumStart + <i32>packet.csumOffset == transportField(packet)
  );
}

/** End of what IP carries, padding left out. */
export function networkEnd(packet: Descriptor): i32 {
  // A payload length that is as large as can be means "up to the frame's end".
  if (packet.payloadLength == 0xffff) return <i32>packet.length;
  return <i32>packet.payload + <i32>packet.payloadLength;
}

/** End of what the transport checksum covers. UDP has a length of its own; what IP carries behind it is not covered. */
export function transportEnd(packet: Descriptor): i32 {
  const end = networkEnd(packet);
  if (!packet.has(PACKET_UDP)) return end;
  const length = Udp.at(packet.byte(packet.l4)).length;
  return length < UDP_BYTES ? end : min(<i32>packet.l4 + length, end);
}

/** Whether the transport checksum covers a pseudo-header with the IP addresses: all but ICMP's does. */
export function hasPseudoHeader(packet: Descriptor): bool {
  return packet.has(PACKET_TCP | PACKET_UDP | PACKET_ICMPV6);
}

/** Where the addresses begin; the packet must have an IP layer. */
export function addressStart(packet: Descriptor): i32 {
  return <i32>packet.l3 + (packet.has(PACKET_IPV4) ? IPV4_SOURCE : IPV6_SOURCE);
}

/**
 * End of the addresses of the IP header that belong to the pseudo-header. While stops are ahead, the header's destination
 * does not (RFC 8200 8.1).
 */
export function addressEnd(packet: Descriptor): i32 {
  const start = addressStart(packet);
  if (packet.has(PACKET_IPV4)) return start + 2 * IPV4_ADDRESS_BYTES;
  return start + (packet.has(PACKET_SEGMENTS_LEFT) ? 1 : 2) * IPV6_ADDRESS_BYTES;
}

/** End of what the IPv4 header checksum covers; the packet must have an IPv4 layer. */
export function ipv4End(packet: Descriptor): i32 {
  const header = Ipv4.at(packet.byte(packet.l3));
  if (header.protocol != PROTOCOL_AUTHENTICATION) return <i32>packet.l4;
  // L4 lies behind the authentication header. A filter may have written to the length since it was checked.
  return min(<i32>packet.l3 + header.headerBytes, <i32>packet.l4);
}
