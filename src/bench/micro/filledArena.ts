import * as L from '../../../assembly/layout.ts';
import { Arena } from '../../core/arena.ts';
import { Batch } from '../../core/batch.ts';

/** An arena with one batch of frames in the slots of a port, as an engine would have read them. */
export interface FilledArena {
  readonly arena: Arena;
  readonly batch: Batch;
  /** Frames in it. */
  readonly count: number;
  /** Bytes from one frame to the next, and from a slot to its frame: twins lay out theirs alike. */
  readonly stride: number;
  readonly offset: number;
  /** Dissects the batch anew. @throws {Error} when a frame is not admitted */
  admit(): void;
}

const WORDS = L.RECORD_BYTES / 4;

/** @param frames 1 to 256 Ethernet frames */
export function fillArena(frames: readonly Uint8Array[]): FilledArena {
  if (frames.length < 1 || frames.length > L.BATCH_COUNT) {
    throw new RangeError(`A batch has 1 to ${L.BATCH_COUNT} frames: these are ${frames.length}`);
  }
  const frameBytes = Math.max(1518, ...frames.map((frame) => frame.length));
  const port = {
    port: 0,
    link: L.LINK_ETHERNET,
    headerBytes: 0,
    frameBytes,
    slots: frames.length,
    offloads: 0,
  } as const;
  const arena = new Arena([port]);
  const batch = new Batch(arena);
  const inbound = new Uint32Array(frames.length * WORDS);
  // The pool hands out its slots in order.
  frames.forEach((frame, i) => {
    const slot = arena.take(0);
    const offset = arena.readOffset(0);
    arena.bytes.set(frame, arena.address(slot) + offset);
    inbound.set([slot, 0, frame.length, offset], i * WORDS);
  });
  const admit = (): void => {
    const admitted = batch.admit(inbound, frames.length);
    if (admitted !== frames.length) throw new Error(`${admitted} of ${frames.length} frames were admitted`);
  };
  admit();
  return { arena, batch, count: frames.length, stride: arena.stride(0), offset: arena.readOffset(0), admit };
}
