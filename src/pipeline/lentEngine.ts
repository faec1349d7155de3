import type { Arena } from '../core/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { lendReadLoop } from '../engine/lent/lendReadLoop.ts';
import type { EngineHandle, Loan, SharedMemory, SlotPlaces } from '../engine/lent/lent.ts';
import { type FdPort, ReadLoop } from '../engine/readloop.ts';
import { lendUring } from '../engine/uring/lend.ts';
import { Uring } from '../engine/uring/uring.ts';
import { loadLibc } from '../sys/libc.ts';
import { type EngineWish, isUnavailable } from './engine.ts';

/** An engine that is lent, and why it is not a better one. */
export interface LentEngine {
  readonly loan: Loan;
  /** Undefined where it is the best there is, or the one that was asked for. */
  readonly reason: string | undefined;
}

/**
 * In the main thread: makes what the engine of a worker's line holds, as `openEngine` chooses it.
 *
 * @param places the layout of the worker's arena
 * @param memory its memory
 * @param devices their descriptors stay this thread's, and open until the loan is buried
 * @throws {TaplineError} `ENGINE_UNAVAILABLE` when one was asked for that cannot run here
 */
export async function lendEngine(
  places: SlotPlaces,
  memory: SharedMemory,
  devices: readonly FdPort[],
  { engine }: Pick<EngineWish, 'engine'>,
): Promise<LentEngine> {
  const libc = await loadLibc();
  if (engine === 'readloop') return { loan: lendReadLoop(libc, devices), reason: undefined };
  try {
    return { loan: await lendUring(libc, places, memory, devices), reason: undefined };
  } catch (error) {
    if (engine === 'uring' || !isUnavailable(error)) throw error;
    return { loan: lendReadLoop(libc, devices), reason: error.message };
  }
}

/** In the worker: the engine on what was lent, over the arena that lies in the memory which was named then. */
export async function adoptEngine(
  arena: Arena,
  devices: readonly FdPort[],
  handle: EngineHandle,
  { busyPoll }: Pick<EngineWish, 'busyPoll'>,
): Promise<Engine> {
  const libc = await loadLibc();
  if (handle.engine === 'uring') return Uring.adopt(libc, arena, devices, handle, { busyPoll });
  return ReadLoop.adopt(libc, arena, devices, handle);
}
