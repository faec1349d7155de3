/** Captures made by hand, field by field, without the code under test. */

export type Order = 'little' | 'big';

/** Numbers as bytes. */
export function u16(value: number, order: Order = 'little'): Uint8Array {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, value, order === 'little');
  return new Uint8Array(view.buffer);
}

export function u32(value: number, order: Order = 'little'): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, order === 'little');
  return new Uint8Array(view.buffer);
}

export function u64(value: bigint, order: Order = 'little'): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), order === 'little');
  return new Uint8Array(view.buffer);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Bytes that differ from each other and from zero. */
export function filler(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * 7 + seed * 13) % 255) + 1);
}

// ── pcap ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface PcapShape {
  readonly order?: Order;
  readonly magic?: number;
  readonly version?: readonly [number, number];
  readonly snapLength?: number;
  readonly linkType?: number;
}

export function pcapHeader(shape: PcapShape = {}): Uint8Array {
  const { order = 'little', magic = 0xa1b2c3d4, version = [2, 4], snapLength = 65_535, linkType = 1 } = shape;
  return join(
    u32(magic, order),
    u16(version[0], order),
    u16(version[1], order),
    u32(0, order),
    u32(0, order),
    u32(snapLength, order),
    u32(linkType, order),
  );
}

export interface PcapRecordShape {
  readonly order?: Order;
  readonly seconds?: number;
  readonly fraction?: number;
  readonly captured?: number;
  readonly original?: number;
}

export function pcapRecord(data: Uint8Array, shape: PcapRecordShape = {}): Uint8Array {
  const { order = 'little', seconds = 1, fraction = 2, captured = data.length, original = data.length } = shape;
  return join(u32(seconds, order), u32(fraction, order), u32(captured, order), u32(original, order), data);
}

// ── pcapng ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface BlockShape {
  readonly order?: Order;
  /** Total length as it is written at the beginning and at the end. Default: the real one. */
  readonly length?: number;
  readonly trailer?: number;
}

export function block(type: number, body: Uint8Array, shape: BlockShape = {}): Uint8Array {
  const { order = 'little' } = shape;
  const padding = new Uint8Array((4 - (body.length % 4)) % 4);
  const real = 12 + body.length + padding.length;
  const { length = real, trailer = length } = shape;
  return join(u32(type, order), u32(length, order), body, padding, u32(trailer, order));
}

export function option(code: number, value: Uint8Array, order: Order = 'little', length = value.length): Uint8Array {
  const padding = new Uint8Array((4 - (value.length % 4)) % 4);
  return join(u16(code, order), u16(length, order), value, padding);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function section(order: Order = 'little', version: readonly [number, number] = [1, 0]): Uint8Array {
  const body = join(u32(0x1a2b3c4d, order), u16(version[0], order), u16(version[1], order), u64(-1n, order));
  return block(0x0a0d0d0a, body, { order });
}

export interface InterfaceShape {
  readonly order?: Order;
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly options?: readonly Uint8Array[];
}

export function interfaceBlock(shape: InterfaceShape = {}): Uint8Array {
  const { order = 'little', linkType = 1, snapLength = 0, options = [] } = shape;
  return block(1, join(u16(linkType, order), u16(0, order), u32(snapLength, order), ...options), { order });
}

export interface PacketShape {
  readonly order?: Order;
  readonly interface?: number;
  readonly count?: bigint;
  readonly captured?: number;
  readonly original?: number;
  readonly options?: readonly Uint8Array[];
}

/** An enhanced packet block. */
export function packetBlock(data: Uint8Array, shape: PacketShape = {}): Uint8Array {
  const { order = 'little', count = 1n, captured = data.length, original = data.length, options = [] } = shape;
  const padding = new Uint8Array((4 - (data.length % 4)) % 4);
  const body = join(
    u32(shape.interface ?? 0, order),
    u32(Number(count >> 32n), order),
    u32(Number(count & 0xffff_ffffn), order),
    u32(captured, order),
    u32(original, order),
    data,
    padding,
    ...options,
  );
  return block(6, body, { order });
}
