import { LINK_ETHERNET } from '../../../assembly/layout.ts';
import type { VirtioFields } from '../descriptor.ts';
import { type ExtensionShape, ethernet, extensions, filler, ipv4, ipv6, join, put16, tcp, udp } from '../packets.ts';
import { checksum, pseudoHeader, sum } from './checksum.ts';

/** Everything that a super-packet consists of. Its segments are built from this as well, one by one, and not cut. */
export interface SuperShape {
  link: number;
  tags: readonly { type: number; tci: number }[];
  version: 4 | 6;
  protocol: 6 | 17;
  source: Uint8Array;
  destination: Uint8Array;
  /** Last stop of an IPv6 routing header, whose address the checksum covers; undefined: there is none. */
  lastStop: Uint8Array | undefined;
  ipOptions: Uint8Array;
  chain: readonly ExtensionShape[];
  identification: number;
  sequence: number;
  flags: number;
  tcpOptions: Uint8Array;
  hasEcn: boolean;
  payload: Uint8Array;
  gsoSize: number;
  /** The IP length field is 0, as on super-packets of some stacks. */
  hidesLength: boolean;
  /** Bytes behind the IP packet. */
  padding: number;
}

/** One packet of a flow: what differs between segments. */
interface Part {
  payload: Uint8Array;
  identification: number;
  sequence: number;
  flags: number;
}

/** The super-packet as the kernel hands it over: the checksum field holds the sum of the pseudo-header. */
export function superFrame(shape: SuperShape): { frame: Uint8Array; virtio: VirtioFields } {
  const { frame, l3, l4, field } = build(shape, shape, false);
  if (shape.hidesLength) hideLength(frame, l3, shape.version);
  const type = shape.protocol === 17 ? 5 : shape.version === 4 ? 1 : 4;
  return {
    frame: join(frame, filler(shape.padding)),
    virtio: {
      vnetFlags: 1,
      gsoType: type | (shape.hasEcn && type !== 5 ? 0x80 : 0),
      hdrLen: 0xeeee,
      gsoSize: shape.gsoSize,
      csumStart: l4,
      csumOffset: field,
    },
  };
}

/** Its segments, complete. */
export function segmentFrames(shape: SuperShape): Uint8Array[] {
  const { payload, gsoSize } = shape;
  const count = Math.ceil(payload.length / gsoSize);
  return Array.from({ length: count }, (_, number) => {
    let { flags } = shape;
    if (number > 0) flags &= ~0x80;
    if (number < count - 1) flags &= ~0x09;
    const part: Part = {
      payload: payload.slice(number * gsoSize, (number + 1) * gsoSize),
      identification: (shape.identification + number) % 0x10000,
      sequence: (shape.sequence + number * gsoSize) % 2 ** 32,
      flags,
    };
    return build(shape, part, true).frame;
  });
}

function build(
  shape: SuperShape,
  part: Part,
  isComplete: boolean,
): { frame: Uint8Array } & Record<'l3' | 'l4' | 'field', number> {
  const { source, destination, protocol } = shape;
  const segment = transport(shape, part);
  const field = protocol === 6 ? 16 : 6;
  const pseudo = pseudoHeader(join(source, shape.lastStop ?? destination), protocol, segment.length);
  put16(segment, field, isComplete ? never0(checksum(segment, sum(pseudo)), protocol) : sum(pseudo));
  const packet = network(shape, part, segment);
  const frame =
    shape.link === LINK_ETHERNET
      ? ethernet({ type: shape.version === 4 ? 0x0800 : 0x86dd, tags: shape.tags }, packet)
      : packet;
  return { frame, l3: frame.length - packet.length, l4: frame.length - segment.length, field };
}

function never0(value: number, protocol: number): number {
  return value === 0 && protocol === 17 ? 0xffff : value;
}

function transport({ protocol, tcpOptions }: SuperShape, { payload, sequence, flags }: Part): Uint8Array {
  const ports = { sourcePort: 1234, destinationPort: 80 };
  if (protocol === 17) return udp({ ...ports, length: (payload.length + 8) & 0xffff }, payload);
  const segment = tcp({ ...ports, flags, options: tcpOptions }, payload);
  new DataView(segment.buffer).setUint32(4, sequence);
  return segment;
}

function network(shape: SuperShape, { identification }: Part, segment: Uint8Array): Uint8Array {
  const { source, destination, protocol, chain, ipOptions } = shape;
  if (shape.version === 6) {
    const { nextHeader, bytes } = extensions(chain, protocol, segment);
    return ipv6({ source, destination, nextHeader, payloadLength: bytes.length & 0xffff }, bytes);
  }
  const packet = ipv4({ source, destination, protocol, options: ipOptions }, segment);
  put16(packet, 4, identification);
  seal(packet, packet.length - segment.length);
  return packet;
}

function hideLength(frame: Uint8Array, l3: number, version: number): void {
  put16(frame, l3 + (version === 4 ? 2 : 4), 0);
  if (version === 4) seal(frame.subarray(l3), ((frame[l3] ?? 0) & 0xf) * 4);
}

/** Writes the checksum of an IPv4 header anew. */
function seal(packet: Uint8Array, bytes: number): void {
  put16(packet, 10, 0);
  put16(packet, 10, checksum(packet.slice(0, bytes)));
}
