import { refuse } from './refusal.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads the parts of a module from first to last; whatever the bytes say, it never reads behind its end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Where the next byte lies, counted from the module's first. */
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.at >= this.end) this.#cut();
    return this.bytes[this.at++] ?? 0;
  }

  /** Unsigned LEB128 of 32 bits, at most five bytes. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse(`a number at byte ${hex(this.at)} is longer than 32 bits`);
  }

  /** Signed LEB128 of 32 bits. */
  i32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 28 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
    return refuse(`a number at byte ${hex(this.at)} is longer than 32 bits`);
  }

  /** Passes over a LEB128 of at most `limit` bytes. */
  skipNumber(limit = 10): void {
    for (let i = 0; i < limit; i++) if (this.u8() < 0x80) return;
    refuse(`a number at byte ${hex(this.at)} is too long`);
  }

  skip(count: number): void {
    if (count > this.end - this.at) this.#cut();
    this.at += count;
  }

  /** The number of entries that follow. Each takes a byte at least, so more than there are bytes is a lie. */
  count(what: string, limit = Infinity): number {
    const count = this.u32();
    if (count > this.end - this.at) this.#cut();
    if (count > limit) refuse(`it has ${count} ${what}: ${limit} are the most`);
    return count;
  }

  name(): string {
    const bytes = this.u32();
    const start = this.at;
    this.skip(bytes);
    try {
      return decoder.decode(this.bytes.subarray(start, this.at));
    } catch {
      return refuse(`a name at byte ${hex(start)} is not UTF-8`);
    }
  }

  #cut(): never {
    refuse(`it ends in the middle of something, at byte ${hex(this.at)}: the file is cut or damaged`);
  }
}

/** An offset in a module, as V8 writes it. */
export function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}
