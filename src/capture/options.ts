import { padded } from './block.ts';

/**
 * An option of a block: draft-ietf-opsawg-pcapng, section 3.5. Options stand behind the fixed fields, up to one with code 0
 * or to the end of the block.
 *
 *      0 ┌───────────────┬───────────────┐
 *        │     code      │    length     │  of the value, without its padding
 *      4 ├───────────────┴───────────────┤
 *        │      value, filled up to      │
 *        │         a multiple of 4       │
 *        └───────────────────────────────┘
 */
export const OPTION_HEADER_BYTES = 4;

/** Codes that every block may have. */
export const OPTION_END = 0;
export const OPTION_COMMENT = 1;

/** Goes over the options of a block. One is made for a file, and begins anew with each block. */
export class OptionCursor {
  /** Code and value of the option under the cursor. */
  code = OPTION_END;
  valueOffset = 0;
  valueBytes = 0;
  /** Whether the last option says that it is longer than what is left of its block. */
  overruns = false;

  #view = new DataView(new ArrayBuffer(0));
  #isLittleEndian = true;
  #next = 0;
  #end = 0;

  /** Begins before the first option; those of the block end at `end`. */
  begin(view: DataView<ArrayBuffer>, start: number, end: number, isLittleEndian: boolean): void {
    this.#view = view;
    this.#isLittleEndian = isLittleEndian;
    this.#next = start;
    this.#end = end;
    this.overruns = false;
  }

  /** Moves to the next option; false when there is none, or it does not fit. */
  next(): boolean {
    const rest = this.#end - this.#next;
    if (rest < OPTION_HEADER_BYTES) return false;
    this.code = this.#view.getUint16(this.#next, this.#isLittleEndian);
    this.valueBytes = this.#view.getUint16(this.#next + 2, this.#isLittleEndian);
    this.valueOffset = this.#next + OPTION_HEADER_BYTES;
    if (this.code === OPTION_END) return false;
    this.overruns = padded(this.valueBytes) > rest - OPTION_HEADER_BYTES;
    this.#next = this.valueOffset + padded(this.valueBytes);
    return !this.overruns;
  }

  /** The value as a number of 32 bits; for options of at least 4 bytes. */
  value32(): number {
    return this.#view.getUint32(this.valueOffset, this.#isLittleEndian);
  }

  /** The value as a number of 64 bits, exact up to 2⁵³; for options of at least 8 bytes. */
  value64(): number {
    return Number(this.#view.getBigUint64(this.valueOffset, this.#isLittleEndian));
  }

  /** The same, with a sign. */
  signedValue64(): number {
    return Number(this.#view.getBigInt64(this.valueOffset, this.#isLittleEndian));
  }

  /** The value as text, at most `limit` bytes of it. Strings of other programs may end with a zero byte. */
  text(limit = this.valueBytes): string {
    const bytes = new Uint8Array(this.#view.buffer, this.valueOffset, Math.min(this.valueBytes, limit));
    return decoder.decode(bytes).replace(/\0+$/, '');
  }
}

/** Bytes that are no UTF-8 become U+FFFD. */
const decoder = new TextDecoder();
