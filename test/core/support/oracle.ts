// A second opinion on packets: slow, plain, and written without a look at the core. Numbers are those of the RFCs.

export type Link = 'ethernet' | 'ip';

/** Where the layers of a frame lie; −1 where there is none. */
export interface Layers {
  readonly etherType: number;
  readonly tags: number;
  readonly l3: number;
  readonly version: 0 | 4 | 6;
  readonly l4: number;
  /** Behind all extension headers; −1 without IP. */
  readonly protocol: number;
  /** Behind the last byte that IP announces. */
  readonly end: number;
  /** A later fragment has no transport header. */
  readonly isLaterFragment: boolean;
}

export function read16(frame: Uint8Array, at: number): number {
  return (frame[at] ?? 0) * 256 + (frame[at + 1] ?? 0);
}

export function write16(frame: Uint8Array, at: number, value: number): void {
  frame[at] = (value >> 8) & 255;
  frame[at + 1] = value & 255;
}

export function layersOf(frame: Uint8Array, link: Link): Layers {
  let l3 = 0;
  let tags = 0;
  let etherType = (frame[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800;
  if (link === 'ethernet') {
    etherType = read16(frame, 12);
    l3 = 14;
    while ([0x8100, 0x88a8, 0x9100].includes(etherType)) {
      etherType = read16(frame, l3 + 2);
      l3 += 4;
      tags++;
    }
  }
  if (etherType === 0x0800) return ipv4Layers(frame, { etherType, tags, l3 });
  if (etherType === 0x86dd) return ipv6Layers(frame, { etherType, tags, l3 });
  return { etherType, tags, l3, version: 0, l4: -1, protocol: -1, end: frame.length, isLaterFragment: false };
}

type Below = Pick<Layers, 'etherType' | 'tags' | 'l3'>;

function ipv4Layers(frame: Uint8Array, below: Below): Layers {
  const { l3 } = below;
  const l4 = l3 + ((frame[l3] ?? 0) & 15) * 4;
  const total = read16(frame, l3 + 2);
  const isLaterFragment = (read16(frame, l3 + 6) & 0x1fff) !== 0;
  const end = total === 0 ? frame.length : l3 + total;
  return { ...below, version: 4, l4, protocol: frame[l3 + 9] ?? -1, end, isLaterFragment };
}

function ipv6Layers(frame: Uint8Array, below: Below): Layers {
  const { l3 } = below;
  const announced = read16(frame, l3 + 4);
  let protocol = frame[l3 + 6] ?? -1;
  let l4 = l3 + 40;
  let isLaterFragment = false;
  while ([0, 43, 44, 60].includes(protocol)) {
    const bytes = protocol === 44 ? 8 : 8 + 8 * (frame[l4 + 1] ?? 0);
    if (protocol === 44) isLaterFragment = (read16(frame, l4 + 2) & 0xfff8) !== 0;
    protocol = frame[l4] ?? -1;
    l4 += bytes;
  }
  const end = announced === 0 ? frame.length : l3 + 40 + announced;
  return { ...below, version: 6, l4, protocol, end, isLaterFragment };
}

/** One's complement sum of bytes as 16-bit words, folded. */
export function foldedSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 65_535) sum = (sum % 65_536) + Math.floor(sum / 65_536);
  return sum;
}

/** Offset of the transport checksum from the transport header; undefined for protocols without an Internet checksum. */
export function checksumOffset({ protocol, version, isLaterFragment }: Layers): number | undefined {
  if (isLaterFragment) return undefined;
  if (protocol === 6) return 16;
  if (protocol === 17) return 6;
  if (protocol === 1 && version === 4) return 2;
  return protocol === 58 && version === 6 ? 2 : undefined;
}

/** Bytes of the pseudo-header. */
export function pseudoHeader(frame: Uint8Array, layers: Layers): number[] {
  const { l3, l4, end, protocol, version } = layers;
  const addresses = version === 4 ? frame.slice(l3 + 12, l3 + 20) : frame.slice(l3 + 8, l3 + 40);
  const length = end - l4;
  return [
    ...addresses,
    (length >> 24) & 255,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
    0,
    0,
    0,
    protocol,
  ];
}

function networkChecksum(frame: Uint8Array, { l3, l4 }: Layers): number {
  const header = [...frame.slice(l3, l4)];
  header[10] = 0;
  header[11] = 0;
  return 65_535 - foldedSum(header);
}

function transportChecksum(frame: Uint8Array, layers: Layers, offset: number): number {
  const { l4, end, protocol } = layers;
  const segment = [...frame.slice(l4, end)];
  segment[offset] = 0;
  segment[offset + 1] = 0;
  const value = 65_535 - foldedSum([...(protocol === 1 ? [] : pseudoHeader(frame, layers)), ...segment]);
  return value === 0 && protocol === 17 ? 65_535 : value;
}

/** A copy of the frame with all checksums made anew; a UDP checksum of 0 stays 0 with `keepZero`. */
export function sealed(frame: Uint8Array, link: Link, { keepZero = false } = {}): Uint8Array {
  const copy = frame.slice();
  const layers = layersOf(copy, link);
  if (layers.version === 4) write16(copy, layers.l3 + 10, networkChecksum(copy, layers));
  const offset = checksumOffset(layers);
  if (offset === undefined) return copy;
  const isZero = layers.protocol === 17 && read16(copy, layers.l4 + offset) === 0;
  if (!(keepZero && isZero)) write16(copy, layers.l4 + offset, transportChecksum(copy, layers, offset));
  return copy;
}

/** Whether all checksums of the frame are right. */
export function isSealed(frame: Uint8Array, link: Link): boolean {
  return Buffer.compare(sealed(frame, link), frame) === 0;
}
