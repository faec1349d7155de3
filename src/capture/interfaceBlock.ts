import { BODY, BLOCK_BYTES, TRAILER_BYTES } from './block.ts';
import type { OptionCursor } from './options.ts';
import type { Section } from './section.ts';
import { Clock, MICROSECONDS } from './timestamp.ts';

/**
 * The description of an interface: draft-ietf-opsawg-pcapng, section 4.2.
 *
 *      8 ┌───────────────┬───────────────┐
 *        │   link type   │   reserved    │
 *     12 ├───────────────┴───────────────┤
 *        │            snapLen            │  0: no limit
 *     16 ├───────────────────────────────┤
 *        │            options            │
 *        └───────────────────────────────┘
 */
export const INTERFACE_LINK_TYPE = BODY;
export const INTERFACE_SNAP_LENGTH = 12;
export const INTERFACE_OPTIONS = 16;
export const INTERFACE_BYTES = BLOCK_BYTES + 8;

export const IF_NAME = 2;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;

/** Interfaces of a file, all sections together: their number must not fill the memory. */
const INTERFACE_LIMIT = 16_384;
/** Bytes of a name that are kept, for the same reason. */
const NAME_BYTES = 256;

/**
 * Adds the interface that the block at `offset` describes.
 *
 * @returns what is wrong with the block, as a clause, or undefined
 */
export function addInterface(
  section: Section,
  view: DataView<ArrayBuffer>,
  offset: number,
  length: number,
  options: OptionCursor,
): string | undefined {
  const { isLittleEndian, interfaces } = section;
  if (length < INTERFACE_BYTES) return `an interface description of ${length} bytes is shorter than ${INTERFACE_BYTES}`;
  if (interfaces.length === INTERFACE_LIMIT) return `it describes more than ${INTERFACE_LIMIT} interfaces`;
  let [name, resolution, timeOffset] = ['', MICROSECONDS, 0];
  options.begin(view, offset + INTERFACE_OPTIONS, offset + length - TRAILER_BYTES, isLittleEndian);
  while (options.next()) {
    const { code, valueBytes } = options;
    if (code === IF_NAME) name = options.text(NAME_BYTES);
    if (code === IF_TSRESOL) {
      if (valueBytes !== 1) return `if_tsresol has ${valueBytes} bytes instead of 1`;
      resolution = view.getUint8(options.valueOffset);
    }
    if (code === IF_TSOFFSET) {
      if (valueBytes !== 8) return `if_tsoffset has ${valueBytes} bytes instead of 8`;
      timeOffset = options.signedValue64();
    }
  }
  if (options.overruns) return 'an option of the interface description ends behind its block';
  interfaces.push({
    name,
    linkType: view.getUint16(offset + INTERFACE_LINK_TYPE, isLittleEndian),
    snapLength: view.getUint32(offset + INTERFACE_SNAP_LENGTH, isLittleEndian),
    clock: new Clock(resolution, timeOffset),
    received: undefined,
    dropped: undefined,
  });
  return undefined;
}
