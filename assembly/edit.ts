import { transportField } from './cover.ts';
import { IPV4_CHECKSUM } from './fields.ts';
import { OUTCOME_FLAG_MODIFIED, SCRATCH_BYTES, SCRATCH_OFFSET } from './layout.ts';
import { correctNetwork, correctTransport, isTouched, networkDelta, transportDelta } from './mend.ts';
import { Descriptor, Outcome } from './records.ts';
import { lowestFrame, slotEnd } from './slot.ts';

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
  let network = 0;
  let transport = 0;
  for (let at = 0; at < bytes; at += 8) {
    const value = load<u64>(SCRATCH_OFFSET + at);
    network += networkDelta(packet, offset + at, min(8, bytes - at), value);
    transport += transportDelta(packet, offset + at, min(8, bytes - at), value);
  }
  memory.copy(packet.byte(offset), SCRATCH_OFFSET, bytes);
  if (!isTouched(<i32>packet.l3 + IPV4_CHECKSUM, offset, bytes)) correctNetwork(packet, network);
  if (!isTouched(transportField(packet), offset, bytes)) correctTransport(packet, transport);
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
