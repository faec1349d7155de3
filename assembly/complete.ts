import { sumOf } from './checksum.ts';
import { networkEnd } from './cover.ts';
import { UDP_CHECKSUM } from './fields.ts';
import { ACTIVE_OFFSET, INDEX_BYTES, PACKET_PARTIAL_CHECKSUM, PACKET_SUPER, VNET_FLAG_NEEDS_CSUM } from './layout.ts';
import { Descriptor } from './records.ts';

/** Completes a partial checksum in place; from then on the packet has an ordinary one. Nothing happens to others. */
export function complete(descriptor: usize): void {
  const packet = Descriptor.at(descriptor);
  if (!packet.has(PACKET_PARTIAL_CHECKSUM)) return;
  completeIn(packet, packet.frame);
  packet.flags &= ~PACKET_PARTIAL_CHECKSUM;
  packet.vnetFlags &= <u8>~VNET_FLAG_NEEDS_CSUM;
}

/** Completes the partial checksums of the `count` active packets, super-packets left out: each segment has its own. */
export function completeActive(count: i32): void {
  for (let position = 0; position < count; position++) {
    const packet = Descriptor.of(<i32>load<u16>(ACTIVE_OFFSET + position * INDEX_BYTES));
    if (!packet.has(PACKET_SUPER)) complete(changetype<usize>(packet));
  }
}

/**
 * Completes the checksum of the packet's bytes at `frame`, which may be a copy. The field holds the sum of the
 * pseudo-header, so that adding all from csumStart on, the field included, makes the whole sum.
 */
export function completeIn(packet: Descriptor, frame: u32): void {
  const start = <i32>packet.csumStart;
  const field = start + packet.csumOffset;
  // Padding behind the IP packet is not covered. A checksum behind it belongs to something else: take all there is.
  let end = networkEnd(packet);
  if (end < field + 2) end = <i32>packet.length;
  let value = ~sumOf(frame + start, end - start) & 0xffff;
  // RFC 768: 0 would mean that there is none; all ones is the same number in one's complement.
  if (value == 0 && packet.csumOffset == UDP_CHECKSUM) value = 0xffff;
  store<u16>(frame + field, bswap(<u16>value));
}
