import { sumOf } from './checksum.ts';
import { addressEnd, addressStart, hasPseudoHeader, ipv4End, transportEnd, transportField } from './cover.ts';
import { fold } from './fold.ts';
import {
  PACKET_FRAGMENT,
  PACKET_ICMPV6,
  PACKET_IPV4,
  PACKET_MALFORMED,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_SEGMENTS_LEFT,
  PACKET_SUPER,
  PACKET_TCP,
  PACKET_TRUNCATED,
  PACKET_UDP,
} from './layout.ts';
import { PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './fields.ts';
import { Descriptor } from './records.ts';
import { Udp } from './wire/udp.ts';

const WRONG = 0;
const RIGHT = 1;
const UNKNOWN = 2;

/** Checks the IPv4 header checksum of the packet at `descriptor`: 0 wrong, 1 right, 2 there is none. RFC 791 3.1. */
export function verifyNetwork(descriptor: usize): i32 {
  const packet = Descriptor.at(descriptor);
  if (!packet.has(PACKET_IPV4)) return UNKNOWN;
  const l3 = <i32>packet.l3;
  return verdictOn(sumOf(packet.byte(l3), ipv4End(packet) - l3));
}

/**
 * Checks the checksum of TCP, UDP, ICMP or ICMPv6: 0 wrong, 1 right, 2 cannot be told, because it is partial, the end of
 * the packet is missing, a super-packet's is never looked at, UDP has none, or the destination is not known.
 */
export function verifyTransport(descriptor: usize): i32 {
  const packet = Descriptor.at(descriptor);
  if (transportField(packet) < 0 || !canTell(packet)) return UNKNOWN;
  const l4 = <i32>packet.l4;
  const bytes = transportEnd(packet) - l4;
  let sum: u64 = sumOf(packet.byte(l4), bytes);
  if (hasPseudoHeader(packet)) sum += pseudoHeader(packet, bytes);
  return verdictOn(fold(sum));
}

function canTell(packet: Descriptor): bool {
  const obstacles =
    PACKET_PARTIAL_CHECKSUM |
    PACKET_FRAGMENT |
    PACKET_TRUNCATED |
    PACKET_MALFORMED |
    PACKET_SUPER |
    PACKET_SEGMENTS_LEFT;
  if (packet.has(obstacles)) return false;
  return !packet.has(PACKET_UDP) || Udp.at(packet.byte(packet.l4)).rawChecksum != 0;
}

/** Sum of addresses, protocol and length: RFC 9293 3.1, RFC 768, RFC 8200 8.1. */
export function pseudoHeader(packet: Descriptor, bytes: i32): u64 {
  const start = addressStart(packet);
  const sum: u64 = sumOf(packet.byte(start), addressEnd(packet) - start);
  return sum + protocolOf(packet) + (bytes & 0xffff) + (bytes >> 16);
}

function protocolOf(packet: Descriptor): i32 {
  if (packet.has(PACKET_TCP)) return PROTOCOL_TCP;
  return packet.has(PACKET_ICMPV6) ? PROTOCOL_ICMPV6 : PROTOCOL_UDP;
}

/** A sum that includes the right checksum is all ones (RFC 1071 1). */
function verdictOn(sum: u32): i32 {
  return sum == 0xffff ? RIGHT : WRONG;
}
