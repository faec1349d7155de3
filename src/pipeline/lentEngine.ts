import type { Arena } from '../core/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineHandle, Loan, SharedMemory, SlotPlaces } from '../engine/lent/lent.ts';
import type { FdPort } from '../engine/readloop.ts';
import type { EngineWish } from './engine.ts';

/** An engine that is lent, and why it is not a better one. */
export interface LentEngine {
  readonly loan: Loan;
  /** Undefined where it is the best there is, or the one that was asked for. */
  readonly reason: string | undefined;
}

/**
 * In the main thread: makes the engine of a line whose worker will run it, as `openEngine` chooses it.
 *
 * @param places the layout of the worker's arena
 * @param memory its memory
 * @param devices their descriptors stay this thread's
 * @throws {TaplineError} `ENGINE_UNAVAILABLE` when one was asked for that cannot run here
 */
export declare function lendEngine(
  places: SlotPlaces,
  memory: SharedMemory,
  devices: readonly FdPort[],
  wish: EngineWish,
): Promise<LentEngine>;

/** In the worker: the engine on what was lent, over the arena that lies in the memory which was named then. */
export declare function adoptEngine(
  arena: Arena,
  devices: readonly FdPort[],
  handle: EngineHandle,
  wish: EngineWish,
): Promise<Engine>;
