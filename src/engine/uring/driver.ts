import { readFileSync } from 'node:fs';
import * as layout from '../../../assembly/ringLayout.ts';
import { TaplineError } from '../../errors.ts';

/** The functions of `ring.wasm` (`assembly/ring.ts`), bound to one ring memory. Ports and slots are plain numbers. */
export interface RingDriver {
  /** Prepares writes of outbound records `first` to `count`; returns the first that found no room, or `count`. */
  prepare(first: number, count: number): number;
  /** Takes in what the kernel has completed; returns how many completions there were. */
  reap(): number;
  /** Hands `limit` frames at most to the line; returns how many inbound records it wrote. */
  deliver(limit: number): number;
  /** How many more slots a port should offer; below 0 when it offers more than it should. */
  wanted(port: number): number;
  /** Offers the slots listed at RING_OFFER_OFFSET; returns how many were valid. */
  offer(port: number, count: number): number;
  /** Prepares the multishot read of a port where none is armed; returns whether one is. */
  arm(port: number): boolean;
  /** Adds a completion to `done`; the slot is the line's again. */
  complete(slot: number, port: number, length: number, errno: number): void;
  /** Entries that the kernel has not taken yet. */
  unsubmitted(): number;
  /** Whether completions shall wake the event loop. */
  setWake(isOn: boolean): void;
  /** Whether a turn would find something. */
  hasWork(): boolean;
  /** Whether the kernel has work that it does when it is entered. */
  mustEnter(): boolean;
}

/** A shared WebAssembly.Memory, as far as it is used here; the name `WebAssembly` needs the DOM's types. */
export interface RingMemory {
  readonly buffer: ArrayBufferLike;
}

let compiled: object | undefined;

/** Instantiates `ring.wasm` on `memory` after comparing its memory map with ours. */
export function instantiateDriver(memory: RingMemory): RingDriver {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../../build/ring.wasm', import.meta.url)));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: memory as WebAssembly.Memory } });
  assertSameLayout(exports);
  return exports as unknown as RingDriver;
}

function assertSameLayout(exports: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(layout)) {
    const global = exports[name];
    const found = global instanceof WebAssembly.Global ? Number(global.value) : undefined;
    if (found !== value) {
      throw new TaplineError(
        'LAYOUT_MISMATCH',
        `Cannot use ring.wasm: ${name} is ${found ?? 'missing'} there and ${value} here: build again with npm run build`,
      );
    }
  }
}
