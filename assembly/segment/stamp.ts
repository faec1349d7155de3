import { IPV6_BYTES, TCP_CWR, TCP_FIN, TCP_PSH } from '../fields.ts';
import { correctNetwork, correctTransport } from '../mend.ts';
import { Descriptor } from '../records.ts';
import { Ipv4 } from '../wire/ipv4.ts';
import { Ipv6 } from '../wire/ipv6.ts';
import { Tcp } from '../wire/tcp.ts';
import { Udp } from '../wire/udp.ts';

// What each segment has of its own in a header that was copied from the super-packet. `end` is the end of the segment,
// counted from its frame's first byte. The sums of all that stays the same are in the super-packet's checksums already:
// these are mended by the difference, so no header is summed up again.

/** Identifications count up from the super-packet's, as the kernel has them. */
export function stampIpv4(segment: Descriptor, number: i32, end: i32): void {
  const header = Ipv4.at(segment.byte(segment.l3));
  const length = end - <i32>segment.l3;
  const identification = <i32>bswap(header.rawIdentification);
  const next = (identification + number) & 0xffff;
  const change = length - header.totalLength + next - identification;
  header.rawTotalLength = bswap(<u16>length);
  header.rawIdentification = bswap(<u16>next);
  correctNetwork(segment, change);
}

/** The payload length counts the extension headers too. */
export function stampIpv6(segment: Descriptor, end: i32): void {
  const header = Ipv6.at(segment.byte(segment.l3));
  header.rawPayloadLength = bswap(<u16>(end - <i32>segment.l3 - IPV6_BYTES));
}

/** The pseudo-header, whose sum the checksum field holds, has the length of the transport segment: shorter by `change`. */
export function stampTransport(segment: Descriptor, change: i32): void {
  correctTransport(segment, change);
}

/**
 * RFC 9293: FIN and PSH belong to the last byte. RFC 3168 6.1.2: CWR belongs to the first segment. All else is repeated.
 */
export function stampTcp(segment: Descriptor, number: i32, position: i32, isLast: bool): void {
  const header = Tcp.at(segment.byte(segment.l4));
  header.rawSequence = bswap(bswap(header.rawSequence) + position);
  if (!isLast) header.flags &= <u8>~(TCP_FIN | TCP_PSH);
  if (number != 0) header.flags &= <u8>~TCP_CWR;
}

export function stampUdp(segment: Descriptor, end: i32): void {
  Udp.at(segment.byte(segment.l4)).rawLength = bswap(<u16>(end - <i32>segment.l4));
}
