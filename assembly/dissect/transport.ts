import {
  ICMPV6_BYTES,
  ICMP_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  SCTP_BYTES,
  TCP_BYTES,
  UDP_BYTES,
} from '../fields.ts';
import {
  MALFORMED_ICMPV6_SHORT,
  MALFORMED_ICMP_SHORT,
  MALFORMED_SCTP_SHORT,
  MALFORMED_TCP_DATA_OFFSET,
  MALFORMED_TCP_SHORT,
  MALFORMED_UDP_LENGTH,
  MALFORMED_UDP_SHORT,
  PACKET_FRAGMENT,
  PACKET_ICMP,
  PACKET_ICMPV6,
  PACKET_IPV4,
  PACKET_IPV6,
  PACKET_SCTP,
  PACKET_TCP,
  PACKET_UDP,
  VNET_GSO_NONE,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Sctp } from '../wire/sctp.ts';
import { Tcp } from '../wire/tcp.ts';
import { Udp } from '../wire/udp.ts';
import { endEarly, endWith } from './end.ts';
import { isBetween } from './range.ts';

/** The largest length that a UDP header can hold. */
const UDP_LENGTH_LIMIT = 0xffff;

export class TransportLayer {
  /**
   * The transport header of `protocol` at `l4`. The packet should end at `announced`; what there is of it ends at `end`.
   * ICMP counts under IPv4 only, ICMPv6 under IPv6 only. Other protocols are left alone: all is payload. Returns the
   * packet's flags.
   */
  @inline static dissect(packet: Descriptor, flags: u32, protocol: i32, l4: i32, end: i32, announced: i32): u32 {
    if (protocol == PROTOCOL_TCP) return TransportLayer.dissectTcp(packet, flags, l4, end);
    if (protocol == PROTOCOL_UDP) return TransportLayer.dissectUdp(packet, flags, l4, end, announced);
    return dissectOther(packet, flags, protocol, l4, end);
  }

  @inline private static dissectTcp(packet: Descriptor, flags: u32, l4: i32, end: i32): u32 {
    const room = end - l4;
    if (room < TCP_BYTES) return endEarly(packet, flags, MALFORMED_TCP_SHORT, l4, end);
    const header = Tcp.at(packet.byte(l4));
    const bytes = header.headerBytes;
    if (!isBetween(bytes, TCP_BYTES, room)) return endEarly(packet, flags, MALFORMED_TCP_DATA_OFFSET, l4, end);
    packet.sourcePort = header.sourcePort;
    packet.destinationPort = header.destinationPort;
    packet.tcpFlags = header.flags;
    return endWith(packet, flags | PACKET_TCP, l4 + bytes, end);
  }

  @inline private static dissectUdp(packet: Descriptor, flags: u32, l4: i32, end: i32, announced: i32): u32 {
    if (end - l4 < UDP_BYTES) return endEarly(packet, flags, MALFORMED_UDP_SHORT, l4, end);
    const header = Udp.at(packet.byte(l4));
    if (!isUdpLength(packet, flags, header.length, announced - l4)) {
      return endEarly(packet, flags, MALFORMED_UDP_LENGTH, l4, end);
    }
    packet.sourcePort = header.sourcePort;
    packet.destinationPort = header.destinationPort;
    return endWith(packet, flags | PACKET_UDP, l4 + UDP_BYTES, end);
  }
}

/**
 * Whether `length` can be the UDP length where IP announces `room` bytes. A first fragment carries the length of the
 * whole datagram. RFC 2675 4: a datagram of more than 65,535 bytes has length 0; so may a super-packet.
 */
function isUdpLength(packet: Descriptor, flags: u32, length: i32, room: i32): bool {
  if (length == 0) return room > UDP_LENGTH_LIMIT || packet.gsoType != VNET_GSO_NONE;
  return length >= UDP_BYTES && (length <= room || (flags & PACKET_FRAGMENT) != 0);
}

function dissectOther(packet: Descriptor, flags: u32, protocol: i32, l4: i32, end: i32): u32 {
  if (protocol == PROTOCOL_ICMP && flags & PACKET_IPV4) {
    return dissectFixed(packet, flags, l4, end, ICMP_BYTES, PACKET_ICMP, MALFORMED_ICMP_SHORT);
  }
  if (protocol == PROTOCOL_ICMPV6 && flags & PACKET_IPV6) {
    return dissectFixed(packet, flags, l4, end, ICMPV6_BYTES, PACKET_ICMPV6, MALFORMED_ICMPV6_SHORT);
  }
  if (protocol == PROTOCOL_SCTP) return dissectSctp(packet, flags, l4, end);
  return endWith(packet, flags, l4, end);
}

function dissectSctp(packet: Descriptor, flags: u32, l4: i32, end: i32): u32 {
  if (end - l4 < SCTP_BYTES) return endEarly(packet, flags, MALFORMED_SCTP_SHORT, l4, end);
  const header = Sctp.at(packet.byte(l4));
  packet.sourcePort = header.sourcePort;
  packet.destinationPort = header.destinationPort;
  return endWith(packet, flags | PACKET_SCTP, l4 + SCTP_BYTES, end);
}

function dissectFixed(packet: Descriptor, flags: u32, l4: i32, end: i32, bytes: i32, flag: u32, malformed: i32): u32 {
  if (end - l4 < bytes) return endEarly(packet, flags, malformed, l4, end);
  return endWith(packet, flags | flag, l4 + bytes, end);
}
