import type { RecordTime } from './record.ts';

/** if_tsresol of units that files use: negative powers of ten. */
export const MICROSECONDS = 6;
export const NANOSECONDS = 9;

const BILLION = 1_000_000_000;
/** 2³², the weight of a high word. */
const WORD = 0x1_0000_0000;
const LAST_COUNT = 2n ** 64n - 1n;

/**
 * The timestamps of an interface: a 64-bit count of units since 1970, as two unsigned words. `if_tsresol` says what a unit
 * is, `if_tsoffset` what is to be added: draft-ietf-opsawg-pcapng, section 4.2.
 *
 * A number has only 53 bits, and a BigInt would be allocated for each packet. So the count at which a second began is
 * remembered: packets follow each other closely, and what lies between has few bits.
 */
export class Clock {
  /** Units in a second, where that is a power of ten up to 10⁹; 0: another one. */
  readonly #perSecond: number;
  readonly #units: bigint;
  /** Nanoseconds in such a unit. */
  readonly #nanoseconds: number;
  readonly #offset: number;
  /** A second, and the count at which it began: once for reading, once for writing. */
  readonly #read: Start;
  readonly #written: Start = { second: Number.NaN, high: 0, low: 0 };

  /**
   * @param resolution if_tsresol: a negative power of ten, or with the highest bit set a negative power of two
   * @param offset if_tsoffset in seconds
   */
  constructor(resolution: number, offset = 0) {
    const exponent = resolution & 0x7f;
    const isBinary = (resolution & 0x80) !== 0;
    this.#perSecond = !isBinary && exponent <= NANOSECONDS ? 10 ** exponent : 0;
    this.#nanoseconds = BILLION / this.#perSecond;
    this.#units = (isBinary ? 2n : 10n) ** BigInt(exponent);
    this.#offset = offset;
    this.#read = { second: offset, high: 0, low: 0 };
  }

  /** Takes a count to a time; fractions of a nanosecond are cut off. */
  read(time: RecordTime, high: number, low: number): void {
    const start = this.#read;
    const since = (high - start.high) * WORD + (low - start.low);
    if (since >= 0 && since < this.#perSecond) {
      time.seconds = start.second;
      time.nanoseconds = since * this.#nanoseconds;
    } else {
      this.#readAnew(time, high, low);
    }
  }

  /**
   * Takes a time to a count, for units that are a power of ten up to 10⁹: the low word to `words[index]`, the high one
   * behind it. Times before 1970 become 0, those that 64 bits cannot tell (nanoseconds: after 2554) the last one that they
   * can.
   */
  write(words: Uint32Array, index: number, seconds: number, nanoseconds: number): void {
    const start = this.#written;
    if (seconds !== start.second) this.#begin(start, seconds);
    const low = start.low + Math.floor(nanoseconds / this.#nanoseconds);
    // The array takes what is left of `low` without its carry.
    words[index] = low;
    words[index + 1] = low < WORD ? start.high : start.high + 1;
  }

  #readAnew(time: RecordTime, high: number, low: number): void {
    const count = (BigInt(high) << 32n) | BigInt(low);
    const rest = count % this.#units;
    time.seconds = Number(count / this.#units) + this.#offset;
    time.nanoseconds = Number((rest * BigInt(BILLION)) / this.#units);
    setStart(this.#read, time.seconds, count - rest);
  }

  #begin(start: Start, seconds: number): void {
    const count = BigInt(Math.trunc(Math.max(0, seconds - this.#offset))) * this.#units;
    const last = LAST_COUNT - this.#units;
    setStart(start, seconds, count < last ? count : last);
  }
}

interface Start {
  second: number;
  high: number;
  low: number;
}

function setStart(start: Start, second: number, count: bigint): void {
  start.second = second;
  start.high = Number(count >> 32n);
  start.low = Number(count & 0xffff_ffffn);
}
