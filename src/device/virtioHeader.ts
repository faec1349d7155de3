import { TaplineError } from '../errors.ts';

/**
 * `struct virtio_net_hdr_v1` of `<linux/virtio_net.h>`, little-endian (TUNSETVNETLE), before each frame:
 *
 *      0 ┌───────┬─────────┬─────────┬─────────┐
 *        │ flags │ gsoType │ hdrLen  │ gsoSize │  u8 u8 u16 u16
 *      6 ├───────┴───┬─────┴──────┬──┴─────────┤
 *        │ csumStart │ csumOffset │ numBuffers │  u16 each
 *     12 └───────────┴────────────┴────────────┘
 */
export const VIRTIO_HEADER_BYTES = 12;

/** What a frame needs before it is a complete packet, or a complete sequence of packets. */
export interface VirtioHeader {
  /** VIRTIO_NET_HDR_F_*, 0 to 255. */
  readonly flags: number;
  /** VIRTIO_NET_HDR_GSO_*, 0 to 255; mask VIRTIO_NET_HDR_GSO_ECN before comparing. */
  readonly gsoType: number;
  /** Bytes of all headers together. A hint: the kernel may write the length of a whole segment here. */
  readonly hdrLen: number;
  /** Payload bytes of each segment, the last one perhaps fewer. */
  readonly gsoSize: number;
  /** Where summing begins, in bytes from the start of the frame. */
  readonly csumStart: number;
  /** The checksum field, in bytes from `csumStart`. */
  readonly csumOffset: number;
  /** Without meaning on TUN/TAP: 0 on reads, ignored on writes. */
  readonly numBuffers: number;
}

/** The checksum field holds the sum of the pseudo-header only; sum from `csumStart` to the end. */
export const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
/** The checksum was verified. Linux ignores it on writes. */
export const VIRTIO_NET_HDR_F_DATA_VALID = 2;
export const VIRTIO_NET_HDR_F_RSC_INFO = 4;

/** One packet, no super-packet. */
export const VIRTIO_NET_HDR_GSO_NONE = 0;
export const VIRTIO_NET_HDR_GSO_TCPV4 = 1;
/** UDP by fragments, removed in Linux 4.14. */
export const VIRTIO_NET_HDR_GSO_UDP = 3;
export const VIRTIO_NET_HDR_GSO_TCPV6 = 4;
/** UDP by datagrams, Linux 6.2. */
export const VIRTIO_NET_HDR_GSO_UDP_L4 = 5;
/** OR-ed to a TCP type: the first segment has CWR set. */
export const VIRTIO_NET_HDR_GSO_ECN = 0x80;

/**
 * Writes a header to `buffer`, from `offset` on.
 *
 * @throws {TaplineError} `BUFFER_TOO_SMALL` when fewer than 12 bytes are left
 * @throws {RangeError} when a field is not an integer that fits
 */
export function encodeVirtioHeader(header: VirtioHeader, buffer: Uint8Array, offset = 0): void {
  const view = viewOf(buffer, offset);
  for (const [name, , bits] of fields) checkField(name, header[name], 2 ** bits - 1);
  for (const [name, at, bits] of fields) {
    if (bits === 8) view.setUint8(at, header[name]);
    else view.setUint16(at, header[name], true);
  }
}

/**
 * Reads the header that starts at `offset` of `buffer`. Contents are not judged.
 *
 * @throws {TaplineError} `BUFFER_TOO_SMALL` when fewer than 12 bytes are left
 */
export function decodeVirtioHeader(buffer: Uint8Array, offset = 0): VirtioHeader {
  const view = viewOf(buffer, offset);
  return {
    flags: view.getUint8(0),
    gsoType: view.getUint8(1),
    hdrLen: view.getUint16(2, true),
    gsoSize: view.getUint16(4, true),
    csumStart: view.getUint16(6, true),
    csumOffset: view.getUint16(8, true),
    numBuffers: view.getUint16(10, true),
  };
}

/** Name, offset in bytes, size in bits. */
const fields: readonly (readonly [keyof VirtioHeader, number, 8 | 16])[] = [
  ['flags', 0, 8],
  ['gsoType', 1, 8],
  ['hdrLen', 2, 16],
  ['gsoSize', 4, 16],
  ['csumStart', 6, 16],
  ['csumOffset', 8, 16],
  ['numBuffers', 10, 16],
];

function viewOf(buffer: Uint8Array, offset: number): DataView {
  if (!Number.isInteger(offset) || offset < 0) {
    throw new RangeError(`Expected an offset of 0 or more, got ${offset}`);
  }
  const left = Math.max(0, buffer.length - offset);
  if (left < VIRTIO_HEADER_BYTES) {
    throw new TaplineError('BUFFER_TOO_SMALL', `A virtio header needs ${VIRTIO_HEADER_BYTES} bytes, ${left} are left`);
  }
  return new DataView(buffer.buffer, buffer.byteOffset + offset, VIRTIO_HEADER_BYTES);
}

function checkField(name: string, value: number, maximum: number): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw new RangeError(`Expected ${name} to be an integer from 0 to ${maximum}, got ${value}`);
  }
}
