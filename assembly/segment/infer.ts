import { networkEnd } from '../cover.ts';
import { TCP_CHECKSUM } from '../fields.ts';
import { fold } from '../fold.ts';
import {
  PACKET_FRAGMENT,
  PACKET_IPV4,
  PACKET_MALFORMED,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_SEGMENTS_LEFT,
  PACKET_SUPER,
  PACKET_TCP,
  PACKET_TRUNCATED,
  VNET_FLAG_NEEDS_CSUM,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { pseudoHeader } from '../verify.ts';

/**
 * Takes packet `index`, which came without a virtio header, for the super-packet that it was if it is a TCP segment of more
 * than `mtu` bytes, the IP header included: then its segments are as long as fit, and its checksum, whatever it was, is left
 * to be completed, since that of a super-packet says nothing in a capture.
 */
export function inferSuper(index: i32, mtu: i32): void {
  const packet = Descriptor.of(index);
  // With stops ahead the destination, which the checksum covers, is not known.
  const obstacles = PACKET_FRAGMENT | PACKET_MALFORMED | PACKET_TRUNCATED | PACKET_SEGMENTS_LEFT;
  if (!packet.has(PACKET_TCP) || packet.has(obstacles)) return;
  const headers = <i32>packet.payload - <i32>packet.l3;
  if (networkEnd(packet) - <i32>packet.l3 <= mtu || headers >= mtu) return;
  packet.flags |= PACKET_SUPER | PACKET_PARTIAL_CHECKSUM;
  packet.vnetFlags = <u8>VNET_FLAG_NEEDS_CSUM;
  packet.gsoType = <u8>(packet.has(PACKET_IPV4) ? VNET_GSO_TCPV4 : VNET_GSO_TCPV6);
  packet.gsoSize = <u16>(mtu - headers);
  packet.hdrLen = packet.payload;
  packet.csumStart = packet.l4;
  packet.csumOffset = <u16>TCP_CHECKSUM;
  const sum = fold(pseudoHeader(packet, networkEnd(packet) - <i32>packet.l4));
  store<u16>(packet.byte(<i32>packet.l4 + TCP_CHECKSUM), bswap(<u16>sum));
}
