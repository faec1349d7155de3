import { BLOCK_BYTES, BODY, TOTAL_LENGTH, TRAILER_BYTES, padded } from './block.ts';
import { OPTION_HEADER_BYTES } from './options.ts';

/** An option to be written; text becomes UTF-8, and an empty one is left out. */
export interface WrittenOption {
  readonly code: number;
  readonly value: Uint8Array | string;
}

const encoder = new TextEncoder();

/** Longest value of an option: its length field has 16 bits, and the padding must fit as well. */
const LONGEST_VALUE = 65_532;

/**
 * A whole block: for those that are written once, not for packets.
 *
 * @param fixed fixed fields behind the total length, in the section's byte order
 */
export function buildBlock(
  type: number,
  fixed: Uint8Array,
  options: readonly WrittenOption[],
  isLittleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const values = options
    .filter(({ value }) => value.length > 0)
    .map(({ code, value }) => ({ code, value: typeof value === 'string' ? utf8(value) : value }));
  const optionBytes = values.reduce((bytes, { value }) => bytes + OPTION_HEADER_BYTES + padded(value.length), 0);
  const end = optionBytes === 0 ? 0 : OPTION_HEADER_BYTES;
  const length = BLOCK_BYTES + fixed.length + optionBytes + end;
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  view.setUint32(0, type, isLittleEndian);
  view.setUint32(TOTAL_LENGTH, length, isLittleEndian);
  block.set(fixed, BODY);
  let offset = BODY + fixed.length;
  for (const { code, value } of values) offset = putOption(view, offset, code, value, isLittleEndian);
  view.setUint32(length - TRAILER_BYTES, length, isLittleEndian);
  return block;
}

/** Writes an option to `view[offset]`, with zeros behind its value. Returns where the next one belongs. */
export function putOption(
  view: DataView,
  offset: number,
  code: number,
  value: Uint8Array,
  isLittleEndian: boolean,
): number {
  view.setUint16(offset, code, isLittleEndian);
  view.setUint16(offset + 2, value.length, isLittleEndian);
  const start = offset + OPTION_HEADER_BYTES;
  const end = start + padded(value.length);
  new Uint8Array(view.buffer, view.byteOffset).set(value, start);
  for (let i = start + value.length; i < end; i++) view.setUint8(i, 0);
  return end;
}

/** Text as the value of an option; what is too long for one is cut between two characters. */
export function utf8(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= LONGEST_VALUE) return bytes;
  const cut = new Uint8Array(LONGEST_VALUE);
  return cut.subarray(0, encoder.encodeInto(text, cut).written);
}
