import { BODY, BLOCK_BYTES } from './block.ts';
import type { CaptureInterface } from './captureInterface.ts';

/**
 * The header block of a pcapng section: draft-ietf-opsawg-pcapng, section 4.1.
 *
 *      0 ┌───────────────────────────────┐
 *        │        type 0x0a0d0d0a        │
 *      4 ├───────────────────────────────┤
 *        │         total length          │
 *      8 ├───────────────────────────────┤
 *        │       byte-order magic        │  0x1a2b3c4d in the byte order of the section
 *     12 ├───────────────┬───────────────┤
 *        │ major version │ minor version │  1, 0
 *     16 ├───────────────┴───────────────┤
 *        │        section length         │  64 bits, −1: not known
 *     24 ├───────────────────────────────┤
 *        │            options            │
 *     −4 ├───────────────────────────────┤
 *        │         total length          │
 *        └───────────────────────────────┘
 */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const BYTE_ORDER = BODY;
export const MAJOR_VERSION = 12;
export const MINOR_VERSION = 14;
export const SECTION_LENGTH = 16;
export const SECTION_OPTIONS = 24;
export const SECTION_BYTES = BLOCK_BYTES + 16;

/** What holds until the next section header. */
export interface Section {
  isLittleEndian: boolean;
  /** Interfaces of all sections so far, those of this one last. */
  readonly interfaces: CaptureInterface[];
  /** Index of the section's interface 0 in that list. */
  firstInterface: number;
}

/** Whether a section that begins at `offset` is little-endian; undefined when it is neither. */
export function byteOrder(view: DataView, offset: number): boolean | undefined {
  if (view.getUint32(offset + BYTE_ORDER, true) === BYTE_ORDER_MAGIC) return true;
  if (view.getUint32(offset + BYTE_ORDER, false) === BYTE_ORDER_MAGIC) return false;
  return undefined;
}

/**
 * Begins a section. Some writers say 1.2 for 1.0. Sections of other versions end the reading: to pass them over, as the
 * specification asks, would lose packets without a word.
 *
 * @returns what is wrong with the header, as a clause, or undefined
 */
export function beginSection(
  section: Section,
  view: DataView,
  offset: number,
  length: number,
  isLittleEndian: boolean,
): string | undefined {
  if (length < SECTION_BYTES) return `a section header of ${length} bytes is shorter than ${SECTION_BYTES}`;
  const major = view.getUint16(offset + MAJOR_VERSION, isLittleEndian);
  const minor = view.getUint16(offset + MINOR_VERSION, isLittleEndian);
  if (major !== 1 || (minor !== 0 && minor !== 2)) {
    return `the section is of version ${major}.${minor}, and 1.0 and 1.2 are read`;
  }
  section.isLittleEndian = isLittleEndian;
  section.firstInterface = section.interfaces.length;
  return undefined;
}
