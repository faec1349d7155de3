import * as layout from '../../assembly/layout.ts';
import { type Core, instantiateCore } from '../../src/core/core.ts';

/** A byte that a test has not written: reading it is a mistake. */
export const POISON = 0xa5;

const PAGE_BYTES = 65536;

/** A core on a memory of its own, and two views of that memory. */
export interface Bench {
  readonly memory: WebAssembly.Memory;
  readonly core: Core;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A fresh, zeroed memory of `pages` pages with a core on it. */
export function openBench(pages = 8): Bench {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  return {
    memory,
    core: instantiateCore(memory),
    bytes: new Uint8Array(memory.buffer),
    view: new DataView(memory.buffer),
  };
}

/** Pages for the arena's fixed part and `bytes` bytes behind it. */
export function pagesFor(bytes: number): number {
  return Math.ceil((layout.SLOTS_OFFSET + bytes) / PAGE_BYTES);
}

/** Puts `frame` so that its last byte is the memory's last: an over-read traps. Returns its address. */
export function placeAtEnd(bench: Bench, frame: Uint8Array, poison = POISON): number {
  const address = bench.bytes.length - frame.length;
  bench.bytes.fill(poison, address - 256, address);
  bench.bytes.set(frame, address);
  return address;
}

/** A copy of `length` bytes at `address`. */
export function copyOf(bench: Bench, address: number, length: number): Uint8Array {
  return Uint8Array.from(bench.bytes.subarray(address, address + length));
}
