import { isMainThread } from 'node:worker_threads';
import type koffi from 'koffi';

import { TaplineError } from '../errors.ts';
import { errnos } from './errno.ts';

/** What a waiting descriptor reports. */
export interface PollEvents {
  readonly readable: boolean;
  readonly writable: boolean;
}

/**
 * Called in the event loop, again and again for as long as the condition holds. `status` is 0, or a negative error
 * number, after which waiting has ended: -9 (EBADF) when the device behind the descriptor was deleted.
 *
 * It must not throw.
 */
export type PollCallback = (status: number, events: PollEvents) => void;

/** A descriptor in the event loop. While it waits it keeps the process alive, unless `unref` was called. */
export interface PollHandle {
  /** Stops waiting; the process may exit. */
  pause(): void;
  /** Waits again. */
  resume(): void;
  ref(): void;
  unref(): void;
  /** Stops for good. Idempotent; call it before the descriptor is closed. */
  close(): void;
}

/**
 * Starts to wait for `fd`, which must be open and of a kind that can be polled (a tun device that is attached, an
 * eventfd, a socket): koffi 3.3.4 aborts the process otherwise. Keep the handle: one that is collected stops without a
 * word. `resume` and this throw when the thread waits for `fd` already.
 */
export type Poll = (
  fd: number,
  interest: { readonly readable?: boolean; readonly writable?: boolean },
  callback: PollCallback,
) => PollHandle;

/** Wraps `koffi.node.poll` (libuv's uv_poll_t), which crashes the process when a closed handle is used. */
export function poller(start: typeof koffi.node.poll): Poll {
  if (!isMainThread) process.once('exit', closeAll);
  return (fd, interest, callback) => {
    claim(fd);
    // The declared type of the callback is wrong: the native code passes (status, events).
    const untyped = callback as unknown as () => void;
    const handle = orRelease(fd, () => start(fd, interest, untyped));
    let state: 'waiting' | 'paused' | 'closed' = 'waiting';
    const poll: PollHandle = {
      pause() {
        if (state !== 'waiting') return;
        state = 'paused';
        handle.stop();
        waiting.delete(fd);
      },
      resume() {
        if (state !== 'paused') return;
        claim(fd);
        orRelease(fd, () => {
          handle.start(interest, untyped);
        });
        state = 'waiting';
      },
      ref() {
        if (state !== 'closed') handle.ref();
      },
      unref() {
        if (state !== 'closed') handle.unref();
      },
      close() {
        if (state === 'waiting') waiting.delete(fd);
        if (state !== 'closed') handle.close();
        state = 'closed';
        handles.delete(poll);
      },
    };
    if (!isMainThread) handles.add(poll);
    return poll;
  };
}

/** Descriptors that this thread waits for: libuv allows one watcher each, and koffi does not survive its refusal. */
const waiting = new Set<number>();

/** All handles of this thread that are not closed, if it is a worker. */
const handles = new Set<PollHandle>();

/**
 * A worker thread that ends by itself goes once more round its event loop, and koffi 3.3.4 ends the process when a
 * descriptor is found readable then. A thread that is terminated does not get here.
 */
function closeAll(): void {
  for (const handle of handles) handle.close();
}

/** Whether something in this thread waits for a descriptor. */
export function isWaitedFor(fd: number): boolean {
  return waiting.has(fd);
}

function claim(fd: number): void {
  if (waiting.has(fd)) {
    throw new TaplineError('SYSCALL', `Cannot wait for descriptor ${fd}: something else already waits for it`, {
      errno: errnos.EEXIST,
      syscall: 'poll',
    });
  }
  waiting.add(fd);
}

function orRelease<Result>(fd: number, begin: () => Result): Result {
  try {
    return begin();
  } catch (error) {
    waiting.delete(fd);
    throw error;
  }
}
