import { networkEnd } from '../cover.ts';
import {
  DESCRIPTOR_BYTES,
  PACKET_IPV4,
  PACKET_SUPER,
  PACKET_TCP,
  VNET_FLAG_NEEDS_CSUM,
  VNET_GSO_NONE,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Tcp } from '../wire/tcp.ts';
import { segmentCount } from './count.ts';
import { stampIpv4, stampIpv6, stampTcp, stampTransport, stampUdp } from './stamp.ts';

/**
 * Makes segment `number` of a super-packet that can be cut: its bytes at `frame`, and its descriptor `segment`, which is
 * what `dissect` would write; slot and port remain to be set. The checksum is left to be completed, as the
 * super-packet's was, and a wrong one stays wrong.
 *
 * The last segment may be made in place, `frame` being where its headers end at its payload: then the super-packet is
 * that segment from there on, and all others must have been made before.
 */
export function cut(packet: Descriptor, number: i32, frame: u32, segment: Descriptor): void {
  const headers = <i32>packet.payload;
  const position = number * <i32>packet.gsoSize;
  const bytes = min(<i32>packet.gsoSize, networkEnd(packet) - headers - position);
  const payload = packet.frame + headers + position;
  memory.copy(frame, packet.frame, headers);
  if (frame + headers != payload) memory.copy(frame + headers, payload, bytes);
  describe(packet, segment, frame, bytes);
  stamp(packet, segment, number, position);
}

/** Where the last segment of a super-packet begins when it is made in place. */
export function lastFrame(packet: Descriptor): u32 {
  return packet.frame + (segmentCount(packet) - 1) * <i32>packet.gsoSize;
}

function describe(packet: Descriptor, segment: Descriptor, frame: u32, bytes: i32): void {
  memory.copy(changetype<usize>(segment), changetype<usize>(packet), DESCRIPTOR_BYTES);
  segment.frame = frame;
  segment.length = packet.payload + bytes;
  segment.wireLength = segment.length;
  segment.flags &= ~PACKET_SUPER;
  segment.payloadLength = <u16>bytes;
  segment.vnetFlags = <u8>VNET_FLAG_NEEDS_CSUM;
  segment.gsoType = <u8>VNET_GSO_NONE;
  segment.gsoSize = 0;
  segment.hdrLen = 0;
}

/** Writes what each segment has of its own into the headers, which are the super-packet's so far. */
function stamp(packet: Descriptor, segment: Descriptor, number: i32, position: i32): void {
  const end = <i32>segment.length;
  if (segment.has(PACKET_IPV4)) stampIpv4(segment, number, end);
  else stampIpv6(segment, end);
  stampTransport(segment, end - networkEnd(packet));
  if (!segment.has(PACKET_TCP)) return stampUdp(segment, end);
  stampTcp(segment, number, position, number == segmentCount(packet) - 1);
  segment.tcpFlags = Tcp.at(segment.byte(segment.l4)).flags;
}
