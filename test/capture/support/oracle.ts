import type { ReadCapture, ReadPacket } from './readAll.ts';

/**
 * A slow reader of captures, for comparison: it has the whole file in memory, uses BigInt for all times, and is written
 * against the specifications, not against the code under test.
 */
export function oracle(file: Uint8Array): Pick<ReadCapture, 'packets' | 'failedAt'> {
  return records(file).reduce<{ packets: ReadPacket[]; failedAt: number | undefined }>(
    (sum, { packet, isDamaged, start }) => {
      if (packet !== undefined) sum.packets.push(packet);
      if (isDamaged) sum.failedAt = start;
      return sum;
    },
    { packets: [], failedAt: undefined },
  );
}

/** A record of a pcap file (its header is one, too), or a block of a pcapng file. */
export interface OracleRecord {
  readonly start: number;
  readonly end: number;
  readonly packet?: ReadPacket;
  /** It cannot be read, and nothing behind it. */
  readonly isDamaged?: boolean;
}

export function records(file: Uint8Array): OracleRecord[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 4) return [damage(0)];
  return bytes.readUInt32BE(0) === 0x0a0d0d0a ? pcapngRecords(bytes) : pcapRecords(bytes);
}

function damage(start: number): OracleRecord {
  return { start, end: start, isDamaged: true };
}

// ── pcap ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

const MAGICS = new Map([
  [0xa1b2c3d4, 1000n],
  [0xa1b23c4d, 1n],
]);

function pcapRecords(bytes: Buffer): OracleRecord[] {
  const isLittle = MAGICS.has(bytes.readUInt32LE(0));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const unit = MAGICS.get(u32(0));
  if (unit === undefined || bytes.length < 24 || u16(4) !== 2 || u16(6) < 3) return [damage(0)];
  const longest = Math.min(2 ** 24, Math.max(262_144, u32(16)));
  const list: OracleRecord[] = [{ start: 0, end: 24 }];
  for (let start = 24; start < bytes.length;) {
    const rest = bytes.length - start - 16;
    if (rest < 0 || u32(start + 8) > longest || u32(start + 8) > rest) return [...list, damage(start)];
    const end = start + 16 + u32(start + 8);
    const timeNs = BigInt(u32(start)) * 1_000_000_000n + BigInt(u32(start + 4)) * unit;
    const data = Uint8Array.from(bytes.subarray(start + 16, end));
    list.push({ start, end, packet: { interface: 0, timeNs, wireLength: u32(start + 12), data } });
    start = end;
  }
  return list;
}

// ── pcapng ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface OracleInterface {
  readonly snapLength: number;
  readonly units: bigint;
  readonly offset: bigint;
}

class Damage extends Error {}

function pcapngRecords(bytes: Buffer): OracleRecord[] {
  const list: OracleRecord[] = [];
  const all: OracleInterface[] = [];
  let first = 0;
  let isLittle = true;
  for (let start = 0; start < bytes.length;) {
    try {
      check(bytes.length - start >= 12);
      const isSection = bytes.readUInt32BE(start) === 0x0a0d0d0a;
      if (isSection) {
        check(bytes.readUInt32LE(start + 8) === 0x1a2b3c4d || bytes.readUInt32BE(start + 8) === 0x1a2b3c4d);
        isLittle = bytes.readUInt32LE(start + 8) === 0x1a2b3c4d;
      }
      const block = new Block(bytes, start, isLittle);
      if (isSection) {
        check(block.length >= 28 && block.u16(12) === 1 && [0, 2].includes(block.u16(14)));
        first = all.length;
      }
      const packet = readBlock(block, all, first);
      list.push({ start, end: start + block.length, ...(packet === undefined ? {} : { packet }) });
      start += block.length;
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      return [...list, damage(start)];
    }
  }
  return list;
}

function check(isRight: boolean): void {
  if (!isRight) throw new Damage();
}

/** A block whose lengths agree. */
class Block {
  readonly length: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #isLittle: boolean;

  constructor(bytes: Buffer, start: number, isLittle: boolean) {
    this.#bytes = bytes;
    this.#start = start;
    this.#isLittle = isLittle;
    this.length = this.u32(4);
    check(this.length >= 12 && this.length % 4 === 0 && this.length <= 2 ** 24);
    check(start + this.length <= bytes.length && this.u32(this.length - 4) === this.length);
  }

  u8(at: number): number {
    return this.#bytes.readUInt8(this.#start + at);
  }
  u16(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt16LE(this.#start + at) : this.#bytes.readUInt16BE(this.#start + at);
  }
  u32(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt32LE(this.#start + at) : this.#bytes.readUInt32BE(this.#start + at);
  }
  i64(at: number): bigint {
    const position = this.#start + at;
    return this.#isLittle ? this.#bytes.readBigInt64LE(position) : this.#bytes.readBigInt64BE(position);
  }
  data(at: number, length: number): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(this.#start + at, this.#start + at + length));
  }

  /** Options from `at` to the end of the block: code, offset and length of each. */
  options(at: number): [code: number, at: number, length: number][] {
    const list: [number, number, number][] = [];
    const end = this.length - 4;
    while (end - at >= 4 && this.u16(at) !== 0) {
      const [code, length] = [this.u16(at), this.u16(at + 2)];
      const next = at + 4 + Math.ceil(length / 4) * 4;
      check(next <= end);
      list.push([code, at + 4, length]);
      at = next;
    }
    return list;
  }
}

function readBlock(block: Block, all: OracleInterface[], first: number): ReadPacket | undefined {
  switch (block.u32(0)) {
    case 1:
      check(block.length >= 20);
      check(all.length < 16_384);
      all.push(readInterface(block));
      return undefined;
    case 2:
    case 6: {
      check(block.length >= 32);
      const index = first + (block.u32(0) === 2 ? block.u16(8) : block.u32(8));
      const origin = all[index];
      check(origin !== undefined && block.u32(20) <= block.length - 32);
      block.options(28 + Math.ceil(block.u32(20) / 4) * 4);
      const { units = 1n, offset = 0n } = origin ?? {};
      const count = (BigInt(block.u32(12)) << 32n) | BigInt(block.u32(16));
      const timeNs = offset * 1_000_000_000n + (count * 1_000_000_000n) / units;
      return { interface: index, timeNs, wireLength: block.u32(24), data: block.data(28, block.u32(20)) };
    }
    case 3: {
      check(block.length >= 16);
      const origin = all[first];
      check(origin !== undefined);
      const wireLength = block.u32(8);
      const length = Math.min(wireLength, origin?.snapLength === 0 ? Infinity : (origin?.snapLength ?? 0));
      check(length <= block.length - 16);
      return { interface: first, timeNs: 0n, wireLength, data: block.data(12, length) };
    }
    case 5:
      check(block.length >= 24 && first + block.u32(8) < all.length);
      block.options(20);
      return undefined;
    default:
      return undefined;
  }
}

function readInterface(block: Block): OracleInterface {
  let [units, offset] = [1_000_000n, 0n];
  for (const [code, at, length] of block.options(16)) {
    if (code === 9) {
      check(length === 1);
      units = (block.u8(at) & 0x80) === 0 ? 10n ** BigInt(block.u8(at)) : 2n ** BigInt(block.u8(at) & 0x7f);
    }
    if (code === 14) {
      check(length === 8);
      offset = block.i64(at);
    }
  }
  return { snapLength: block.u32(12), units, offset };
}
