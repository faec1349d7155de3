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

/** Room for `count` records. */
export function recordArray(count: number): Uint32Array {
  return new Uint32Array(count * RECORD_WORDS);
}
