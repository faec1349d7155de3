import { checksum, pseudoHeader } from './oracle/checksum.ts';

// Builders for packets, right in every field unless told otherwise. Each takes what it carries as bytes.

/** Sets a 16-bit field in network order. */
export function put16(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(offset, value);
}

/** Reads a 16-bit field in network order. */
export function get16(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(offset);
}

/** Joins pieces of bytes. */
export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** `count` bytes that differ from one another and from poison. */
export function filler(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => (index * 7 + 1) & 0x7f);
}

export interface EthernetShape {
  type: number;
  /** Tags, outermost first. */
  tags?: readonly { type: number; tci: number }[];
}

/** Ethernet header and VLAN tags before `payload`. */
export function ethernet({ type, tags = [] }: EthernetShape, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(14 + tags.length * 4);
  header.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
  tags.forEach((tag, index) => {
    put16(header, 12 + index * 4, tag.type);
    put16(header, 14 + index * 4, tag.tci);
  });
  put16(header, header.length - 2, type);
  return join(header, payload);
}

/** RFC 826 request, with sizes that may be wrong. */
export function arp({ hardwareSize = 6, protocolSize = 4, bytes = 28 } = {}): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([
    0,
    1,
    8,
    0,
    hardwareSize,
    protocolSize,
    0,
    1,
    2,
    0,
    0,
    0,
    0,
    1,
    10,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    10,
    0,
    0,
    2,
  ]);
  return packet.slice(0, bytes);
}

export interface IpShape {
  source: Uint8Array;
  destination: Uint8Array;
}

export interface Ipv4Shape extends IpShape {
  protocol: number;
  /** A multiple of 4 bytes. */
  options?: Uint8Array;
  /** In units of 8 bytes. */
  fragmentOffset?: number;
  moreFragments?: boolean;
  totalLength?: number;
}

/** RFC 791 header before `payload`. */
export function ipv4(shape: Ipv4Shape, payload: Uint8Array): Uint8Array {
  const options = shape.options ?? new Uint8Array();
  const header = join(new Uint8Array(20), options);
  header[0] = 0x40 | (header.length / 4);
  put16(header, 2, shape.totalLength ?? header.length + payload.length);
  header.set([0x12, 0x34], 4);
  put16(header, 6, (shape.fragmentOffset ?? 0) | (shape.moreFragments === true ? 0x2000 : 0));
  header.set([64, shape.protocol], 8);
  header.set(shape.source, 12);
  header.set(shape.destination, 16);
  put16(header, 10, checksum(header));
  return join(header, payload);
}

export interface Ipv6Shape extends IpShape {
  nextHeader: number;
  payloadLength?: number;
}

/** RFC 8200 header before `payload`, which holds the extension headers too. */
export function ipv6(shape: Ipv6Shape, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(40);
  header.set([0x60, 0x12, 0x34, 0x56]);
  put16(header, 4, shape.payloadLength ?? payload.length);
  header.set([shape.nextHeader, 64], 6);
  header.set(shape.source, 8);
  header.set(shape.destination, 24);
  return join(header, payload);
}

/** One extension header: its protocol number, and its body behind next header and length. */
export interface ExtensionShape {
  protocol: number;
  /** Units of 8 bytes behind the first 8; of an authentication header units of 4, minus 2. */
  units?: number;
  /** The two bytes behind next header and length: of a fragment header offset and M. */
  word?: number;
}

/** A chain of extension headers before `payload` of `protocol`, and the number of its first header. */
export function extensions(
  chain: readonly ExtensionShape[],
  protocol: number,
  payload: Uint8Array,
): { nextHeader: number; bytes: Uint8Array } {
  const [first, ...others] = chain;
  if (first === undefined) return { nextHeader: protocol, bytes: payload };
  const behind = extensions(others, protocol, payload);
  const units = first.units ?? 0;
  const header = filler(first.protocol === 51 ? (units + 2) * 4 : first.protocol === 44 ? 8 : (units + 1) * 8);
  header.set([behind.nextHeader, units]);
  put16(header, 2, first.word ?? 0);
  return { nextHeader: first.protocol, bytes: join(header, behind.bytes) };
}

export interface PortShape {
  sourcePort: number;
  destinationPort: number;
}

/** RFC 9293 header before `payload`; its checksum still 0. */
export function tcp(shape: PortShape & { flags?: number; options?: Uint8Array }, payload: Uint8Array): Uint8Array {
  const header = join(new Uint8Array(20), shape.options ?? new Uint8Array());
  put16(header, 0, shape.sourcePort);
  put16(header, 2, shape.destinationPort);
  header.set([1, 2, 3, 4, 5, 6, 7, 8, (header.length / 4) << 4, shape.flags ?? 0x18, 0x20, 0], 4);
  return join(header, payload);
}

/** RFC 768 header before `payload`; its checksum still 0. */
export function udp(shape: PortShape & { length?: number }, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  put16(header, 0, shape.sourcePort);
  put16(header, 2, shape.destinationPort);
  put16(header, 4, shape.length ?? header.length + payload.length);
  return join(header, payload);
}

/** Echo request of ICMP (type 8) or ICMPv6 (128); its checksum still 0. */
export function echo(type: number, payload: Uint8Array): Uint8Array {
  return join(Uint8Array.from([type, 0, 0, 0, 0x11, 0x22, 0, 1]), payload);
}

/** RFC 9260 common header before `payload`. */
export function sctp(shape: PortShape, payload: Uint8Array): Uint8Array {
  const header = filler(12);
  put16(header, 0, shape.sourcePort);
  put16(header, 2, shape.destinationPort);
  return join(header, payload);
}

/** Where the checksum lies in a transport header; −1: there is none that is an Internet checksum. */
export function checksumField(protocol: number): number {
  return (
    new Map([
      [1, 2],
      [6, 16],
      [17, 6],
      [58, 2],
    ]).get(protocol) ?? -1
  );
}

/** Fills in the checksum of a transport segment whose field is 0. */
export function sealed(segment: Uint8Array, protocol: number, { source, destination }: IpShape): Uint8Array {
  const field = checksumField(protocol);
  if (field < 0 || segment.length < field + 2) return segment;
  const pseudo = protocol === 1 ? new Uint8Array() : pseudoHeader(join(source, destination), protocol, segment.length);
  const value = checksum(join(pseudo, segment));
  put16(segment, field, value === 0 && protocol === 17 ? 0xffff : value);
  return segment;
}
