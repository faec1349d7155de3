import { PORT_COUNT } from '../../../assembly/layout.ts';

/** What a read loop counts, by port number: frames read and written, modulo 2^32. */
export interface FrameCounts {
  readonly filled: Uint32Array;
  readonly written: Uint32Array;
}

/** Bytes of a memory for them. */
export const COUNTS_BYTES = 8 * PORT_COUNT;

/** The counts that lie in such a memory. */
export function countsIn(memory: SharedArrayBuffer): FrameCounts {
  return {
    filled: new Uint32Array(memory, 0, PORT_COUNT),
    written: new Uint32Array(memory, 4 * PORT_COUNT, PORT_COUNT),
  };
}
