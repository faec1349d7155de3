import type { Offload } from './offloads.ts';
import {
  encodeVirtioHeader,
  VIRTIO_HEADER_BYTES,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
} from './virtioHeader.ts';

/** A super-packet for a TAP device, virtio header first. */
export interface ProbeFrame {
  readonly offload: Offload;
  readonly bytes: Uint8Array;
}

/**
 * For each offload, frames that a kernel which has it must accept: whole segments only, a last segment that is shorter
 * (refused by 6.6.44, 6.10.3 and others), one of a single byte.
 */
export function probeFrames(): ProbeFrame[] {
  return shapes.flatMap(({ offload, ...shape }) =>
    (offload === 'csum' ? [SEGMENT_BYTES] : [2 * SEGMENT_BYTES, SEGMENT_BYTES + 500, SEGMENT_BYTES + 1]).map(
      (payload) => ({ offload, bytes: superPacket(shape, payload) }),
    ),
  );
}

/** What every kernel refuses: a type that does not exist. It shows that a refusal would be seen. */
export function nonsenseFrame(): Uint8Array {
  return superPacket({ ip: 4, protocol: TCP, gsoType: 2 }, 2 * SEGMENT_BYTES);
}

interface Shape {
  readonly ip: 4 | 6;
  readonly protocol: typeof TCP | typeof UDP;
  readonly gsoType: number;
}

const TCP = 6;
const UDP = 17;
const SEGMENT_BYTES = 1000;

const shapes: readonly (Shape & { readonly offload: Offload })[] = [
  { offload: 'csum', ip: 4, protocol: TCP, gsoType: VIRTIO_NET_HDR_GSO_NONE },
  { offload: 'tso4', ip: 4, protocol: TCP, gsoType: VIRTIO_NET_HDR_GSO_TCPV4 },
  { offload: 'tso6', ip: 6, protocol: TCP, gsoType: VIRTIO_NET_HDR_GSO_TCPV6 },
  { offload: 'tsoEcn', ip: 4, protocol: TCP, gsoType: VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN },
  { offload: 'uso4', ip: 4, protocol: UDP, gsoType: VIRTIO_NET_HDR_GSO_UDP_L4 },
  { offload: 'uso6', ip: 6, protocol: UDP, gsoType: VIRTIO_NET_HDR_GSO_UDP_L4 },
];

const ETHERNET_BYTES = 14;

function superPacket({ ip, protocol, gsoType }: Shape, payload: number): Uint8Array {
  const l4 = protocol === TCP ? tcpHeader() : udpHeader(payload);
  const l3 = ip === 4 ? ipv4Header(protocol, l4.length + payload) : ipv6Header(protocol, l4.length + payload);
  const headers = [...ethernetHeader(ip), ...l3, ...l4];
  const bytes = new Uint8Array(VIRTIO_HEADER_BYTES + headers.length + payload);
  const header = {
    flags: VIRTIO_NET_HDR_F_NEEDS_CSUM,
    gsoType,
    hdrLen: headers.length,
    gsoSize: gsoType === VIRTIO_NET_HDR_GSO_NONE ? 0 : SEGMENT_BYTES,
    csumStart: ETHERNET_BYTES + l3.length,
    csumOffset: protocol === TCP ? 16 : 6,
    numBuffers: 0,
  };
  encodeVirtioHeader(header, bytes);
  bytes.set(headers, VIRTIO_HEADER_BYTES);
  return bytes;
}

/** Locally administered addresses, target then source; nobody has them. */
function ethernetHeader(ip: 4 | 6): number[] {
  return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...(ip === 4 ? [0x08, 0x00] : [0x86, 0xdd])];
}

/** RFC 791, from and to the test network of RFC 5737; the checksum is not looked at before routing. */
function ipv4Header(protocol: number, payload: number): number[] {
  const total = 20 + payload;
  return [0x45, 0, total >> 8, total & 255, 0, 1, 0x40, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
}

/** RFC 8200, from and to the documentation prefix of RFC 3849. */
function ipv6Header(protocol: number, payload: number): number[] {
  const address = (last: number) => [0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), last];
  return [0x60, 0, 0, 0, payload >> 8, payload & 255, protocol, 64, ...address(1), ...address(2)];
}

/** RFC 9293: ports 9 (discard), ACK. */
function tcpHeader(): number[] {
  return [0, 9, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0];
}

/** RFC 768: ports 9 (discard). */
function udpHeader(payload: number): number[] {
  const length = 8 + payload;
  return [0, 9, 0, 9, length >> 8, length & 255, 0, 0];
}
