import {
  addressEnd,
  addressStart,
  hasPseudoHeader,
  ipv4End,
  isPartial,
  transportEnd,
  transportField,
} from './cover.ts';
import { IPV4_CHECKSUM } from './fields.ts';
import { fold } from './fold.ts';
import { PACKET_IPV4, PACKET_PARTIAL_CHECKSUM, PACKET_UDP } from './layout.ts';
import { Descriptor } from './records.ts';

// What an edit does to the checksums of a packet, by the difference (RFC 1624): a wrong checksum stays wrong. New bytes
// come in portions of up to 8, the first one in the lowest bits. All positions count from the dissected frame's start.

/** A multiple of 0xffff, which is 0 in one's complement, larger than any difference that 256 new bytes can make. */
const COMPLEMENT_ZERO = 0xffff * 0x100;

/** Whether the two bytes of the checksum at `field` are among `bytes` bytes at `offset`; no checksum has a field < 0. */
export function isTouched(field: i32, offset: i32, bytes: i32): bool {
  return offset < field + 2 && offset + bytes > field;
}

/** By how much `bytes` bytes of `value` at `offset`, not yet written, change the sum of the IPv4 header. */
export function networkDelta(packet: Descriptor, offset: i32, bytes: i32, value: u64): i32 {
  if (!packet.has(PACKET_IPV4)) return 0;
  const l3 = <i32>packet.l3;
  return delta(packet, offset, bytes, value, l3, l3, ipv4End(packet));
}

/** By how much they change the sum of pseudo-header and segment. */
export function transportDelta(packet: Descriptor, offset: i32, bytes: i32, value: u64): i32 {
  if (transportField(packet) < 0) return 0;
  const l4 = <i32>packet.l4;
  // What a partial checksum is still to cover will be added when it is completed.
  let end = transportEnd(packet);
  if (packet.has(PACKET_PARTIAL_CHECKSUM)) end = min(end, <i32>packet.csumStart);
  const segment = delta(packet, offset, bytes, value, l4, l4, end);
  if (!hasPseudoHeader(packet)) return segment;
  const addresses = addressStart(packet);
  return segment + delta(packet, offset, bytes, value, addresses, addresses, addressEnd(packet));
}

/**
 * Difference that the new bytes make to a sum of 16-bit words whose first begins at `origin`, as far as they lie in
 * `from` … `to`. Bytes at an even distance are the high halves of their words.
 */
function delta(packet: Descriptor, offset: i32, bytes: i32, value: u64, origin: i32, from: i32, to: i32): i32 {
  const end = min(offset + bytes, to);
  let sum = 0;
  for (let at = max(offset, from); at < end; at++) {
    const byte = (<i32>(value >> (((at - offset) << 3) as u64))) & 0xff;
    const difference = byte - <i32>load<u8>(packet.byte(at));
    sum += (at - origin) & 1 ? difference : difference << 8;
  }
  return sum;
}

/** Puts the change into the checksum of the IPv4 header. */
export function correctNetwork(packet: Descriptor, change: i32): void {
  if (change) correct(packet.byte(<i32>packet.l3 + IPV4_CHECKSUM), change);
}

/** Puts the change into the transport checksum. */
export function correctTransport(packet: Descriptor, change: i32): void {
  if (!change) return;
  const address = packet.byte(transportField(packet));
  if (isPartial(packet)) return correctSeed(address, change);
  if (!packet.has(PACKET_UDP)) return correct(address, change);
  // RFC 768: 0 means that there is none, and none there stays; a sum that comes to 0 is sent as all ones.
  if (load<u16>(address) == 0) return;
  correct(address, change);
  if (load<u16>(address) == 0) store<u16>(address, 0xffff);
}

/** RFC 1624 3, equation 3: HC' = ~(~HC + ~m + m'). */
function correct(address: usize, change: i32): void {
  const sum = (~bswap(load<u16>(address)) & 0xffff) + change + COMPLEMENT_ZERO;
  store<u16>(address, bswap(<u16>~fold(sum)));
}

/** The field of a partial checksum holds a sum as it is, not its complement. */
function correctSeed(address: usize, change: i32): void {
  const sum = <i32>bswap(load<u16>(address)) + change + COMPLEMENT_ZERO;
  store<u16>(address, bswap(<u16>fold(sum)));
}
