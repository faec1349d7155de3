import * as L from '../../assembly/layout.ts';

/** 32-bit words of a record. */
export const RECORD_WORDS = L.RECORD_BYTES / 4;

/** The words of a record: indices from `record * RECORD_WORDS`. */
export const SLOT_WORD = L.RECORD_SLOT / 4;
export const PORT_WORD = L.RECORD_PORT / 4;
export const LENGTH_WORD = L.RECORD_LENGTH / 4;
export const OFFSET_WORD = L.RECORD_OFFSET / 4;
/** In a completion the last word is the errno of the write. */
export const ERRNO_WORD = OFFSET_WORD;

/** Number of the port in a record's port word. */
export function portOf(word: number): number {
  return word & L.RECORD_PORT_MASK;
}

/** Whether a completion is that of a mirrored copy. */
export function isCopy(word: number): boolean {
  return (word & L.RECORD_FLAG_COPY) !== 0;
}

/** Room for `count` records. */
export function recordArray(count: number): Uint32Array {
  return new Uint32Array(count * RECORD_WORDS);
}

/** A queue of records with fixed room. */
export class RecordRing {
  readonly #records: Uint32Array;
  readonly #capacity: number;
  #head = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#records = recordArray(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** Appends the record at `word` of `records`; false when there is no room. */
  push(records: Uint32Array, word: number): boolean {
    if (this.#count === this.#capacity) return false;
    const to = ((this.#head + this.#count++) % this.#capacity) * RECORD_WORDS;
    for (let i = 0; i < RECORD_WORDS; i++) this.#records[to + i] = records[word + i] ?? 0;
    return true;
  }

  /** Moves the oldest record to `word` of `records`; false when there is none. */
  shift(records: Uint32Array, word: number): boolean {
    if (this.#count === 0) return false;
    const from = this.#head * RECORD_WORDS;
    for (let i = 0; i < RECORD_WORDS; i++) records[word + i] = this.#records[from + i] ?? 0;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#count--;
    return true;
  }
}
