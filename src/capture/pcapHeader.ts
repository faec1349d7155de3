import { MAGIC_MICROSECONDS, MAGIC_NANOSECONDS } from './magic.ts';

/**
 * The header of a pcap file: draft-ietf-opsawg-pcap, section 4.
 *
 *      0 ┌───────────────────────────────┐
 *        │             magic             │
 *      4 ├───────────────┬───────────────┤
 *        │ major version │ minor version │  2, 4
 *      8 ├───────────────┴───────────────┤
 *        │           reserved            │
 *     12 ├───────────────────────────────┤
 *        │           reserved            │
 *     16 ├───────────────────────────────┤
 *        │            snapLen            │
 *     20 ├──────┬────────┬───────────────┤
 *        │ FCS  │  zero  │   linkType    │
 *     24 └──────┴────────┴───────────────┘
 */
export const FILE_HEADER_BYTES = 24;
const VERSION_MAJOR = 4;
const VERSION_MINOR = 6;
const SNAP_LENGTH = 16;
const LINK_TYPE = 20;

/** Before 2.3 the two lengths of a packet stood the other way round. */
const MAJOR = 2;
const MINOR = 4;
const OLDEST_MINOR = 3;

export interface PcapHeader {
  readonly linkType: number;
  /** Most bytes of a packet. */
  readonly snapLength: number;
}

/** Reads the header that stands at `offset`; a clause says what is wrong with it. */
export function readPcapHeader(view: DataView, offset: number, isLittleEndian: boolean): PcapHeader | string {
  const major = view.getUint16(offset + VERSION_MAJOR, isLittleEndian);
  const minor = view.getUint16(offset + VERSION_MINOR, isLittleEndian);
  if (major !== MAJOR || minor < OLDEST_MINOR) return `it is of version ${major}.${minor}, and 2.3 and 2.4 are read`;
  return {
    // The upper half may say how long the frame check sequence is.
    linkType: view.getUint32(offset + LINK_TYPE, isLittleEndian) & 0xffff,
    snapLength: view.getUint32(offset + SNAP_LENGTH, isLittleEndian),
  };
}

/** Writes a header to the start of `view`. */
export function putPcapHeader(
  view: DataView,
  { linkType, snapLength }: PcapHeader,
  isLittleEndian: boolean,
  isNanoseconds: boolean,
): void {
  view.setUint32(0, isNanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, isLittleEndian);
  view.setUint16(VERSION_MAJOR, MAJOR, isLittleEndian);
  view.setUint16(VERSION_MINOR, MINOR, isLittleEndian);
  view.setUint32(SNAP_LENGTH, snapLength, isLittleEndian);
  view.setUint32(LINK_TYPE, linkType, isLittleEndian);
}
