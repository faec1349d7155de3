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
import {
  OUTCOME_FLAG_MODIFIED,
  PACKET_IPV4,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_UDP,
  SCRATCH_BYTES,
  SCRATCH_OFFSET,
} from './layout.ts';
import { Descriptor, Outcome } from './records.ts';
import { lowestFrame, slotEnd } from './slot.ts';

/** A multiple of 0xffff, which is 0 in one's complement, larger than any difference that SCRATCH_BYTES can make. */
const COMPLEMENT_ZERO = 0xffff * 0x100;

/**
 * Writes `bytes` bytes from SCRATCH_OFFSET at `offset` from the dissected frame's start and corrects, by the difference
 * (RFC 1624), every checksum that covers them: a wrong checksum stays wrong. A checksum whose own field is among the
 * bytes is taken as it is given. Returns 0, and does nothing, when the bytes would lie outside the frame as the
 * outcome's shifts have it.
 */
export function edit(descriptor: usize, outcome: usize, offset: i32, bytes: i32): i32 {
  const packet = Descriptor.at(descriptor);
  const result = Outcome.at(outcome);
  if (<u32>bytes > <u32>SCRATCH_BYTES || !isInside(packet, result, offset, <i64>offset + bytes)) return 0;
  const field = transportField(packet);
  const network = packet.has(PACKET_IPV4) ? networkDelta(packet, offset, bytes) : 0;
  const transport = field >= 0 ? transportDelta(packet, field, offset, bytes) : 0;
  memory.copy(packet.byte(offset), SCRATCH_OFFSET, bytes);
  if (network) correct(packet.byte(<i32>packet.l3 + IPV4_CHECKSUM), network);
  if (transport) correctTransport(packet, field, transport);
  result.flags |= <u8>OUTCOME_FLAG_MODIFIED;
  return 1;
}

function isInside(packet: Descriptor, outcome: Outcome, start: i64, end: i64): bool {
  const length = <i64>packet.length;
  if (start < outcome.startShift || end > length + outcome.endShift) return false;
  if (start >= 0 && end <= length) return true;
  // Outcomes are written by filters: what they claim beyond the frame must still be in the slot.
  return packet.frame + start >= <i64>lowestFrame(packet) && packet.frame + end <= <i64>slotEnd(packet);
}

/** By how much the sum of the IPv4 header changes. */
function networkDelta(packet: Descriptor, offset: i32, bytes: i32): i32 {
  const l3 = <i32>packet.l3;
  if (isTouched(l3 + IPV4_CHECKSUM, offset, bytes)) return 0;
  return delta(packet, offset, bytes, l3, l3, ipv4End(packet));
}

/** By how much the sum of pseudo-header and segment changes. */
function transportDelta(packet: Descriptor, field: i32, offset: i32, bytes: i32): i32 {
  if (isTouched(field, offset, bytes)) return 0;
  const l4 = <i32>packet.l4;
  // What a partial checksum is still to cover will be added when it is completed.
  let end = transportEnd(packet);
  if (packet.has(PACKET_PARTIAL_CHECKSUM)) end = min(end, <i32>packet.csumStart);
  const segment = delta(packet, offset, bytes, l4, l4, end);
  if (!hasPseudoHeader(packet)) return segment;
  const addresses = addressStart(packet);
  return segment + delta(packet, offset, bytes, addresses, addresses, addressEnd(packet));
}

function isTouched(field: i32, offset: i32, bytes: i32): bool {
  return offset < field + 2 && offset + bytes > field;
}

/**
 * Difference that the new bytes make to a sum of 16-bit words whose first begins at `origin`, as far as they lie in
 * `from` … `to`. Bytes at an even distance are the high halves of their words.
 */
function delta(packet: Descriptor, offset: i32, bytes: i32, origin: i32, from: i32, to: i32): i32 {
  const end = min(offset + bytes, to);
  let sum = 0;
  for (let at = max(offset, from); at < end; at++) {
    const difference = <i32>load<u8>(SCRATCH_OFFSET + at - offset) - <i32>load<u8>(packet.byte(at));
    sum += (at - origin) & 1 ? difference : difference << 8;
  }
  return sum;
}

function correctTransport(packet: Descriptor, field: i32, change: i32): void {
  const address = packet.byte(field);
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
