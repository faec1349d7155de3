import type { Libc } from '../../sys/libc.ts';
import type { SlotSource } from '../engine.ts';
import { Uring } from './uring.ts';
import type { RingSizes } from './ringSizes.ts';
import { fullSizes } from './setUp.ts';

/** The rings of a line with two ports, where nothing is short. */
export const USUAL_SIZES = fullSizes(2);

/**
 * Opens a ring as the engine of such a line does, and closes it again.
 *
 * @returns the entries that its rings got
 * @throws {TaplineError} `ENGINE_UNAVAILABLE`
 */
export async function probeRing(libc: Libc): Promise<RingSizes> {
  const engine = await Uring.open(libc, noSlots, [], { sizes: USUAL_SIZES });
  engine.close();
  return engine.sizes;
}

const noSlots: SlotSource = {
  bytes: new Uint8Array(1),
  slotCount: 0,
  take: () => -1,
  release: () => undefined,
  awaitSlot: () => undefined,
  address: () => 0,
  stride: () => 0,
  readOffset: () => 0,
  readBytes: () => 0,
};
