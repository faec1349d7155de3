/**
 * The contract of engines that one thread lends to another.
 *
 * The main thread makes what an engine holds: its ring, its event descriptor, and the memory for its counts. A worker
 * adopts it and runs it. Whatever becomes of the worker, the main thread can close all of it, and knows what became of
 * every frame. In order:
 *
 * | main thread                           | worker                                    |
 * | ------------------------------------- | ----------------------------------------- |
 * | `lendUring`, or `lendReadLoop`        |                                           |
 * | starts the worker with `loan.handle`  | `Uring.adopt`, or `ReadLoop.adopt`        |
 * |                                       | `start`, `turn`, … as any engine          |
 * | asks the worker to end                | `engine.close()`: nothing is closed by it |
 * | or `silence()`, then `terminate()`    |                                           |
 * | after the worker's `exit`: `bury()`   |                                           |
 *
 * Afterwards the same ports can be lent again at once, with a new loan.
 *
 * @module
 */

import type { SlotSource } from '../engine.ts';
import type { RingSizes } from '../uring/ringSizes.ts';
import type { Remains } from './remains.ts';

/** A shared WebAssembly.Memory, as far as it is used here; the name `WebAssembly` needs the DOM's types. */
export interface SharedMemory {
  readonly buffer: ArrayBufferLike;
}

/** Where the slots of an arena lie: all that has to be known of an arena that a worker will lay out. */
export type SlotPlaces = Pick<SlotSource, 'slotCount' | 'address' | 'stride' | 'readOffset' | 'readBytes'>;

/** What a worker needs to adopt an engine: numbers and shared memories, for `postMessage`. */
export type EngineHandle = UringHandle | ReadLoopHandle;

export interface UringHandle {
  readonly engine: 'uring';
  /** The memory of the ring. It holds addresses that the kernel writes to: nobody but the engine may get hold of it. */
  readonly memory: SharedMemory;
  readonly fd: number;
  readonly wakeFd: number;
  readonly sizes: RingSizes;
}

export interface ReadLoopHandle {
  readonly engine: 'readloop';
  /** What the kernel has read and written, by port. */
  readonly counts: SharedArrayBuffer;
  readonly wakeFd: number;
}

/** What the main thread keeps of an engine that it lends. */
export interface Loan {
  readonly handle: EngineHandle;
  /**
   * From now on nothing wakes the worker any more: what it waits for is replaced by a descriptor that never becomes
   * readable, whatever the worker does meanwhile. koffi 3.3.4 ends the process when it is to call into a thread that is
   * going down: silence a worker before it is terminated, and every worker in a handler of `exit`. Synchronous,
   * idempotent, final. An event that the worker has taken from the kernel already is still told: let SILENCE_MS pass.
   */
  silence(): void;
  /**
   * Closes what the worker left, after its `exit`, and says what the kernel had done for it. Idempotent. Frames that the
   * worker never took are gone with its slots: they are read and lost.
   */
  bury(): Remains;
}

/** How long to wait between `silence` and the end of a worker. */
export const SILENCE_MS = 20;
