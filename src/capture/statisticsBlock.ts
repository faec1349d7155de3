import { BODY, BLOCK_BYTES, TRAILER_BYTES } from './block.ts';
import type { OptionCursor } from './options.ts';
import type { Section } from './section.ts';

/**
 * What an interface counted: draft-ietf-opsawg-pcapng, section 4.6.
 *
 *      8 ┌───────────────────────────────┐
 *        │         interface id          │
 *     12 ├───────────────────────────────┤
 *        │       timestamp (high)        │
 *     16 ├───────────────────────────────┤
 *        │        timestamp (low)        │
 *     20 ├───────────────────────────────┤
 *        │            options            │
 *        └───────────────────────────────┘
 */
export const STATISTICS_INTERFACE = BODY;
export const STATISTICS_TIME_HIGH = 12;
export const STATISTICS_TIME_LOW = 16;
export const STATISTICS_OPTIONS = 20;
export const STATISTICS_BYTES = BLOCK_BYTES + 12;

export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;

/**
 * Takes in the counters of the block at `offset`; later ones replace earlier ones.
 *
 * @returns what is wrong with the block, as a clause, or undefined
 */
export function takeStatistics(
  section: Section,
  view: DataView<ArrayBuffer>,
  offset: number,
  length: number,
  options: OptionCursor,
): string | undefined {
  const { isLittleEndian, interfaces, firstInterface } = section;
  if (length < STATISTICS_BYTES) return `interface statistics of ${length} bytes are shorter than ${STATISTICS_BYTES}`;
  const id = view.getUint32(offset + STATISTICS_INTERFACE, isLittleEndian);
  const subject = interfaces[firstInterface + id];
  if (subject === undefined) return `interface ${id} has statistics, but no description before them`;
  options.begin(view, offset + STATISTICS_OPTIONS, offset + length - TRAILER_BYTES, isLittleEndian);
  while (options.next()) {
    if (options.valueBytes !== 8) continue;
    if (options.code === ISB_IFRECV) subject.received = options.value64();
    if (options.code === ISB_IFDROP) subject.dropped = options.value64();
  }
  return options.overruns ? 'an option of the interface statistics ends behind its block' : undefined;
}
