/**
 * A block of a pcapng file: draft-ietf-opsawg-pcapng, section 3.1. Everything after the file's first byte is in blocks.
 *
 *      0 ┌───────────────────────────────┐
 *        │             type              │
 *      4 ├───────────────────────────────┤
 *        │         total length          │  of the whole block, a multiple of 4
 *      8 ├───────────────────────────────┤
 *        │             body              │
 *     −4 ├───────────────────────────────┤
 *        │         total length          │  again, to be read backwards
 *        └───────────────────────────────┘
 */
export const TOTAL_LENGTH = 4;
export const BODY = 8;
/** Both lengths and the type: a block without a body. */
export const BLOCK_BYTES = 12;
export const TRAILER_BYTES = 4;
/** The longest block that is believed; Wireshark's limit too. */
export const LONGEST_BLOCK = 16 * 2 ** 20;

/** Types of blocks: section 10.1. Those that are not here are passed over. */
export const INTERFACE_DESCRIPTION_BLOCK = 1;
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const INTERFACE_STATISTICS_BLOCK = 5;
export const ENHANCED_PACKET_BLOCK = 6;

/** What is wrong with a total length, as a clause, or undefined. */
export function faultOfLength(length: number): string | undefined {
  if (length < BLOCK_BYTES) return `the block length ${length} is less than ${BLOCK_BYTES}`;
  if (length % 4 !== 0) return `the block length ${length} is not a multiple of 4`;
  if (length > LONGEST_BLOCK) return `the block length ${length} is more than 16 MiB`;
  return undefined;
}

/** Length of `bytes` bytes with what fills them up to a multiple of 4. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
