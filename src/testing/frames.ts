import * as F from '../../assembly/fields.ts';
import { addressBytes, parseMac } from '../core/address.ts';
import { type FieldLimits, checkFields, put16, put32 } from './fields.ts';
import { internetChecksum } from './checksum.ts';

// Frames for tests, right in every field: lengths and checksums follow from the rest. Names as in docs/words.md.

/** The link header. */
export interface LinkFields {
  /** `'ethernet'` (default), or `'ip'`: without a link header, as on TUN. */
  readonly link?: 'ethernet' | 'ip';
  /** Default `02:00:00:00:00:01`. */
  readonly sourceMac?: string;
  /** Default `02:00:00:00:00:02`. */
  readonly destinationMac?: string;
  /** Adds an 802.1Q tag. Default none. */
  readonly vlanId?: number;
  /** Of that tag. Default 0. */
  readonly vlanPriority?: number;
  /** Adds a second tag inside the first, which then is an 802.1ad one. Default none. */
  readonly innerVlanId?: number;
}

/** The IP header; its version is that of the addresses. */
export interface IpFields extends LinkFields {
  /** Default `10.0.0.1`, or `fd00::1` where the destination is IPv6. */
  readonly sourceAddress?: string;
  /** Default `10.0.0.2`, or `fd00::2` where the source is IPv6. */
  readonly destinationAddress?: string;
  /** Default 64. */
  readonly ttl?: number;
  /** Default 0. */
  readonly dscp?: number;
  /** Default 0. */
  readonly ecn?: number;
  /** Of IPv4. Default 0. */
  readonly identification?: number;
  /** Bytes behind the innermost header; text is UTF-8. Default none. */
  readonly payload?: Uint8Array | string;
}

/** A UDP datagram. */
export interface UdpFields extends IpFields {
  /** Default 40,000. */
  readonly sourcePort?: number;
  /** Default 40,001. */
  readonly destinationPort?: number;
}

/** A TCP segment. */
export interface TcpFields extends UdpFields {
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. Default 16. */
  readonly tcpFlags?: number;
  /** Default 0. */
  readonly sequence?: number;
  /** Default 0. */
  readonly acknowledgement?: number;
  /** Default 65,535. */
  readonly window?: number;
}

/** An ICMP or ICMPv6 message with the rest of its header 0. */
export interface IcmpFields extends IpFields {
  /** Default: echo request, 8, or 128 of ICMPv6. */
  readonly icmpType?: number;
  /** Default 0. */
  readonly icmpCode?: number;
}

/** ARP for IPv4 over Ethernet. */
export interface ArpFields extends Omit<LinkFields, 'link'> {
  /** 1 request (default), 2 reply. */
  readonly arpOperation?: number;
  /** Default `10.0.0.1`. */
  readonly sourceAddress?: string;
  /** Default `10.0.0.2`. */
  readonly destinationAddress?: string;
}

/** A frame with a UDP datagram. @throws {TypeError} or {RangeError} when a field is wrong */
export function udpFrame(fields: UdpFields = {}): Uint8Array {
  checkFields('udpFrame', fields, { ...IP_FIELDS, ...PORT_FIELDS });
  const { sourcePort = 40_000, destinationPort = 40_001 } = fields;
  const segment = join(new Uint8Array(F.UDP_BYTES), payloadOf(fields));
  put16(segment, F.UDP_SOURCE_PORT, sourcePort);
  put16(segment, F.UDP_DESTINATION_PORT, destinationPort);
  put16(segment, F.UDP_LENGTH, segment.length);
  return ipFrame(fields, F.PROTOCOL_UDP, segment, F.UDP_CHECKSUM);
}

/** A frame with a TCP segment without options. @throws {TypeError} or {RangeError} when a field is wrong */
export function tcpFrame(fields: TcpFields = {}): Uint8Array {
  checkFields('tcpFrame', fields, { ...IP_FIELDS, ...PORT_FIELDS, ...TCP_FIELDS });
  const { sourcePort = 40_000, destinationPort = 40_001, tcpFlags = F.TCP_ACK } = fields;
  const { sequence = 0, acknowledgement = 0, window = 0xffff } = fields;
  const segment = join(new Uint8Array(F.TCP_BYTES), payloadOf(fields));
  put16(segment, F.TCP_SOURCE_PORT, sourcePort);
  put16(segment, F.TCP_DESTINATION_PORT, destinationPort);
  put32(segment, F.TCP_SEQUENCE, sequence);
  put32(segment, F.TCP_ACKNOWLEDGEMENT, acknowledgement);
  segment[F.TCP_DATA_OFFSET] = (F.TCP_BYTES / 4) << F.TCP_DATA_OFFSET_SHIFT;
  segment[F.TCP_FLAGS] = tcpFlags;
  put16(segment, F.TCP_WINDOW, window);
  return ipFrame(fields, F.PROTOCOL_TCP, segment, F.TCP_CHECKSUM);
}

/** A frame with an ICMP message, or ICMPv6 where the addresses are IPv6. @throws {TypeError} or {RangeError} as above */
export function icmpFrame(fields: IcmpFields = {}): Uint8Array {
  checkFields('icmpFrame', fields, { ...IP_FIELDS, icmpType: 0xff, icmpCode: 0xff });
  const isIpv4 = addressesOf(fields).version === 4;
  const { icmpType = isIpv4 ? 8 : 128, icmpCode = 0 } = fields;
  const message = join(new Uint8Array(F.ICMP_BYTES), payloadOf(fields));
  message[F.ICMP_TYPE] = icmpType;
  message[F.ICMP_CODE] = icmpCode;
  return ipFrame(fields, isIpv4 ? F.PROTOCOL_ICMP : F.PROTOCOL_ICMPV6, message, F.ICMP_CHECKSUM);
}

/** A frame with an ARP packet. @throws {TypeError} or {RangeError} when a field is wrong */
export function arpFrame(fields: ArpFields = {}): Uint8Array {
  checkFields('arpFrame', fields, { ...LINK_FIELDS, link: null, arpOperation: 0xffff, ...ADDRESS_FIELDS });
  const { arpOperation = F.ARP_REQUEST, sourceAddress = '10.0.0.1', destinationAddress = '10.0.0.2' } = fields;
  const packet = new Uint8Array(F.ARP_BYTES);
  put16(packet, F.ARP_HARDWARE_TYPE, 1);
  put16(packet, F.ARP_PROTOCOL_TYPE, F.ETHER_TYPE_IPV4);
  packet[F.ARP_HARDWARE_SIZE] = F.MAC_BYTES;
  packet[F.ARP_PROTOCOL_SIZE] = F.IPV4_ADDRESS_BYTES;
  put16(packet, F.ARP_OPERATION, arpOperation);
  packet.set(parseMac(fields.sourceMac ?? SOURCE_MAC), F.ARP_SENDER_HARDWARE);
  packet.set(addressBytes(sourceAddress, 4), F.ARP_SENDER_PROTOCOL);
  if (arpOperation !== F.ARP_REQUEST) {
    packet.set(parseMac(fields.destinationMac ?? DESTINATION_MAC), F.ARP_TARGET_HARDWARE);
  }
  packet.set(addressBytes(destinationAddress, 4), F.ARP_TARGET_PROTOCOL);
  return linkFrame(fields, F.ETHER_TYPE_ARP, packet);
}

const SOURCE_MAC = '02:00:00:00:00:01';
const DESTINATION_MAC = '02:00:00:00:00:02';

const LINK_FIELDS: FieldLimits = {
  link: ['ethernet', 'ip'],
  sourceMac: 'text',
  destinationMac: 'text',
  vlanId: F.VLAN_ID_MASK,
  vlanPriority: 7,
  innerVlanId: F.VLAN_ID_MASK,
};
const ADDRESS_FIELDS: FieldLimits = { sourceAddress: 'text', destinationAddress: 'text' };
const IP_FIELDS: FieldLimits = {
  ...LINK_FIELDS,
  ...ADDRESS_FIELDS,
  ttl: 0xff,
  dscp: 63,
  ecn: 3,
  identification: 0xffff,
  payload: 'bytes',
};
const PORT_FIELDS: FieldLimits = { sourcePort: 0xffff, destinationPort: 0xffff };
const TCP_FIELDS: FieldLimits = { tcpFlags: 0xff, sequence: 2 ** 32 - 1, acknowledgement: 2 ** 32 - 1, window: 0xffff };

function payloadOf({ payload = '' }: IpFields): Uint8Array {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}

/** The version is IPv6 as soon as one address is. */
function addressesOf({ sourceAddress, destinationAddress }: IpFields): {
  version: 4 | 6;
  source: Uint8Array;
  destination: Uint8Array;
} {
  const isIpv6 = [sourceAddress, destinationAddress].some((address) => address?.includes(':') === true);
  const version = isIpv6 ? 6 : 4;
  const source = addressBytes(sourceAddress ?? (isIpv6 ? 'fd00::1' : '10.0.0.1'), version);
  const destination = addressBytes(destinationAddress ?? (isIpv6 ? 'fd00::2' : '10.0.0.2'), version);
  return { version, source, destination };
}

/** Fills in the segment's checksum, at `field`, and puts the headers before it. */
function ipFrame(fields: IpFields, protocol: number, segment: Uint8Array, field: number): Uint8Array {
  const { version, source, destination } = addressesOf(fields);
  const pseudoHeader = new Uint8Array(8);
  put32(pseudoHeader, 0, segment.length);
  put32(pseudoHeader, 4, protocol);
  const covered = protocol === F.PROTOCOL_ICMP ? [segment] : [source, destination, pseudoHeader, segment];
  const checksum = internetChecksum(...covered);
  // RFC 768: 0 would mean that there is none.
  put16(segment, field, checksum === 0 && protocol === F.PROTOCOL_UDP ? 0xffff : checksum);
  return version === 4
    ? linkFrame(fields, F.ETHER_TYPE_IPV4, join(ipv4Header(fields, protocol, source, destination, segment), segment))
    : linkFrame(fields, F.ETHER_TYPE_IPV6, join(ipv6Header(fields, protocol, source, destination, segment), segment));
}

function ipv4Header(
  { ttl = 64, dscp = 0, ecn = 0, identification = 0 }: IpFields,
  protocol: number,
  source: Uint8Array,
  destination: Uint8Array,
  segment: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(F.IPV4_BYTES);
  header[F.IPV4_VERSION] = 0x40 | (F.IPV4_BYTES / 4);
  header[F.IPV4_TOS] = (dscp << 2) | ecn;
  put16(header, F.IPV4_TOTAL_LENGTH, F.IPV4_BYTES + segment.length);
  put16(header, F.IPV4_IDENTIFICATION, identification);
  header[F.IPV4_TTL] = ttl;
  header[F.IPV4_PROTOCOL] = protocol;
  header.set(source, F.IPV4_SOURCE);
  header.set(destination, F.IPV4_DESTINATION);
  put16(header, F.IPV4_CHECKSUM, internetChecksum(header));
  return header;
}

function ipv6Header(
  { ttl = 64, dscp = 0, ecn = 0 }: IpFields,
  protocol: number,
  source: Uint8Array,
  destination: Uint8Array,
  segment: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(F.IPV6_BYTES);
  put16(header, F.IPV6_VERSION, 0x6000 | (((dscp << 2) | ecn) << 4));
  put16(header, F.IPV6_PAYLOAD_LENGTH, segment.length);
  header[F.IPV6_NEXT_HEADER] = protocol;
  header[F.IPV6_HOP_LIMIT] = ttl;
  header.set(source, F.IPV6_SOURCE);
  header.set(destination, F.IPV6_DESTINATION);
  return header;
}

function linkFrame(fields: LinkFields, etherType: number, packet: Uint8Array): Uint8Array {
  const { link = 'ethernet', sourceMac = SOURCE_MAC, destinationMac = DESTINATION_MAC } = fields;
  if (link === 'ip') return packet;
  const tags = tagsOf(fields);
  const header = new Uint8Array(F.ETHERNET_BYTES + tags.length * F.VLAN_BYTES);
  header.set(parseMac(destinationMac), F.ETHERNET_DESTINATION);
  header.set(parseMac(sourceMac), F.ETHERNET_SOURCE);
  tags.forEach(({ type, tci }, i) => {
    put16(header, F.ETHERNET_TYPE + i * F.VLAN_BYTES, type);
    put16(header, F.ETHERNET_BYTES + i * F.VLAN_BYTES + F.VLAN_TCI, tci);
  });
  put16(header, header.length - 2, etherType);
  return join(header, packet);
}

function tagsOf({ vlanId, vlanPriority = 0, innerVlanId }: LinkFields): { type: number; tci: number }[] {
  if (vlanId === undefined) return [];
  const outer = (vlanPriority << F.VLAN_PRIORITY_SHIFT) | vlanId;
  if (innerVlanId === undefined) return [{ type: F.ETHER_TYPE_VLAN, tci: outer }];
  return [
    { type: F.ETHER_TYPE_SERVICE_VLAN, tci: outer },
    { type: F.ETHER_TYPE_VLAN, tci: innerVlanId },
  ];
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
