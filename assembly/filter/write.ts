import { addressStart, hasPseudoHeader, transportField } from '../cover.ts';
import { IPV4_BYTES, IPV4_CHECKSUM } from '../fields.ts';
import { OUTCOME_FLAG_MODIFIED, OUTCOME_FLAG_OUTSIDE, OUTCOME_FLAG_SHORT, PACKET_IPV4 } from '../layout.ts';
import { correctNetwork, correctTransport, isTouched, networkDelta, transportDelta } from '../mend.ts';
import { Descriptor } from '../records.ts';

/**
 * Writes up to 8 bytes of `value`, the first in its lowest bits, at `offset` from the dissected frame's start, and
 * corrects every checksum that covers them by the difference (RFC 1624). One whose own field is among the bytes is taken
 * as it is given. Nothing happens when the bytes, or a checksum that would have to follow, do not lie in the frame and in
 * the window. Returns the OUTCOME_FLAG_* that this makes.
 */
export function write(descriptor: usize, startShift: i32, offset: i32, bytes: i32, value: u64, window: i32): i32 {
  const packet = Descriptor.at(descriptor);
  if (offset < startShift || <i64>offset + bytes > <i64>packet.length) return OUTCOME_FLAG_SHORT;
  const isNetwork = packet.has(PACKET_IPV4) && offset < <i32>packet.l4 && offset + bytes > <i32>packet.l3;
  const isTransport = transportField(packet) >= 0 && offset + bytes > coveredFrom(packet);
  let needed = offset + bytes;
  if (isNetwork) needed = max(needed, <i32>packet.l3 + IPV4_BYTES);
  if (isTransport) needed = max(needed, transportField(packet) + 2);
  if (needed > window) return OUTCOME_FLAG_OUTSIDE;
  const network = isNetwork ? networkDelta(packet, offset, bytes, value) : 0;
  const transport = isTransport ? transportDelta(packet, offset, bytes, value) : 0;
  const address = packet.byte(offset);
  for (let at = 0; at < bytes; at++) store<u8>(address + at, <u8>(value >> ((<u64>at) << 3)));
  if (!isTouched(<i32>packet.l3 + IPV4_CHECKSUM, offset, bytes)) correctNetwork(packet, network);
  if (!isTouched(transportField(packet), offset, bytes)) correctTransport(packet, transport);
  return OUTCOME_FLAG_MODIFIED;
}

/** Where what the transport checksum covers begins. */
function coveredFrom(packet: Descriptor): i32 {
  return hasPseudoHeader(packet) ? addressStart(packet) : <i32>packet.l4;
}
