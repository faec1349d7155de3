import { BODY, BLOCK_BYTES, TRAILER_BYTES, padded } from './block.ts';
import type { OptionCursor } from './options.ts';
import type { PacketRecord } from './record.ts';
import type { Section } from './section.ts';

/**
 * An enhanced packet block: draft-ietf-opsawg-pcapng, section 4.3. The obsolete packet block (appendix A) has the same
 * length and differs in the first field: 16 bits of interface id, then 16 bits of packets dropped before this one.
 *
 *      8 ┌───────────────────────────────┐
 *        │         interface id          │
 *     12 ├───────────────────────────────┤
 *        │       timestamp (high)        │
 *     16 ├───────────────────────────────┤
 *        │        timestamp (low)        │
 *     20 ├───────────────────────────────┤
 *        │        captured length        │
 *     24 ├───────────────────────────────┤
 *        │        original length        │
 *     28 ├───────────────────────────────┤
 *        │  data, filled up to a         │
 *        │  multiple of 4                │
 *        ├───────────────────────────────┤
 *        │            options            │
 *        └───────────────────────────────┘
 */
export const PACKET_INTERFACE = BODY;
export const PACKET_TIME_HIGH = 12;
export const PACKET_TIME_LOW = 16;
export const PACKET_CAPTURED_LENGTH = 20;
export const PACKET_ORIGINAL_LENGTH = 24;
export const PACKET_DATA = 28;
/** A packet block without data and options. */
export const PACKET_BLOCK_BYTES = BLOCK_BYTES + 20;

/** epb_flags and pack_flags. */
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;

/** In the obsolete block: how many were dropped is not known. */
const DROPS_UNKNOWN = 0xffff;

/**
 * A simple packet block: section 4.4. It belongs to interface 0, has no time, and as much data as the interface's snapLen
 * lets pass.
 *
 *      8 ┌───────────────────────────────┐
 *        │        original length        │
 *     12 ├───────────────────────────────┤
 *        │             data              │
 *        └───────────────────────────────┘
 */
const SIMPLE_LENGTH = BODY;
const SIMPLE_DATA = 12;
const SIMPLE_BYTES = BLOCK_BYTES + 4;

/**
 * Describes the enhanced or obsolete packet block at `offset`.
 *
 * @returns what is wrong with it, as a clause, or undefined
 */
export function readPacketBlock(
  record: PacketRecord,
  section: Section,
  view: DataView<ArrayBuffer>,
  offset: number,
  length: number,
  options: OptionCursor,
  isObsolete: boolean,
): string | undefined {
  if (length < PACKET_BLOCK_BYTES) return `a packet block of ${length} bytes is shorter than ${PACKET_BLOCK_BYTES}`;
  const { isLittleEndian } = section;
  const id = isObsolete
    ? view.getUint16(offset + PACKET_INTERFACE, isLittleEndian)
    : view.getUint32(offset + PACKET_INTERFACE, isLittleEndian);
  const origin = section.interfaces[section.firstInterface + id];
  if (origin === undefined) return `a packet names interface ${id}, which has no description before it`;
  const captured = view.getUint32(offset + PACKET_CAPTURED_LENGTH, isLittleEndian);
  if (captured > length - PACKET_BLOCK_BYTES) {
    return `a packet of ${captured} bytes does not fit into a block of ${length}`;
  }
  record.dataOffset = offset + PACKET_DATA;
  record.length = captured;
  record.wireLength = view.getUint32(offset + PACKET_ORIGINAL_LENGTH, isLittleEndian);
  record.interface = section.firstInterface + id;
  record.flags = 0;
  record.droppedBefore = isObsolete ? dropsOf(view.getUint16(offset + PACKET_INTERFACE + 2, isLittleEndian)) : 0;
  origin.clock.read(
    record,
    view.getUint32(offset + PACKET_TIME_HIGH, isLittleEndian),
    view.getUint32(offset + PACKET_TIME_LOW, isLittleEndian),
  );
  record.optionsOffset = offset + PACKET_DATA + padded(captured);
  record.optionsEnd = offset + length - TRAILER_BYTES;
  return record.optionsOffset < record.optionsEnd ? readOptions(record, view, isLittleEndian, options) : undefined;
}

/**
 * Describes the simple packet block at `offset`.
 *
 * @returns what is wrong with it, as a clause, or undefined
 */
export function readSimplePacketBlock(
  record: PacketRecord,
  section: Section,
  view: DataView,
  offset: number,
  length: number,
): string | undefined {
  if (length < SIMPLE_BYTES) return `a simple packet block of ${length} bytes is shorter than ${SIMPLE_BYTES}`;
  const origin = section.interfaces[section.firstInterface];
  if (origin === undefined) return 'a simple packet block stands before any interface description';
  record.wireLength = view.getUint32(offset + SIMPLE_LENGTH, section.isLittleEndian);
  record.length = origin.snapLength === 0 ? record.wireLength : Math.min(record.wireLength, origin.snapLength);
  if (record.length > length - SIMPLE_BYTES) {
    return `a packet of ${record.length} bytes does not fit into a block of ${length}`;
  }
  record.dataOffset = offset + SIMPLE_DATA;
  record.interface = section.firstInterface;
  record.seconds = 0;
  record.nanoseconds = 0;
  record.flags = 0;
  record.droppedBefore = 0;
  record.optionsOffset = 0;
  record.optionsEnd = 0;
  return undefined;
}

/** What every reader may want to know at once. Comments are decoded only when somebody asks. */
function readOptions(
  record: PacketRecord,
  view: DataView<ArrayBuffer>,
  isLittleEndian: boolean,
  options: OptionCursor,
): string | undefined {
  options.begin(view, record.optionsOffset, record.optionsEnd, isLittleEndian);
  while (options.next()) {
    if (options.code === EPB_FLAGS && options.valueBytes === 4) record.flags = options.value32();
    if (options.code === EPB_DROPCOUNT && options.valueBytes === 8) record.droppedBefore = options.value64();
  }
  return options.overruns ? 'an option of a packet ends behind its block' : undefined;
}

function dropsOf(count: number): number {
  return count === DROPS_UNKNOWN ? 0 : count;
}
