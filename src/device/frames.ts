import { TaplineError } from '../errors.ts';
import type { DeviceQueue } from './deviceQueue.ts';
import { MAX_FRAME_BYTES } from './frameReader.ts';

/**
 * The frames of a queue, each in memory of its own. Ends when it is closed; throws when its interface is deleted. Leaving
 * the loop withdraws the read that may still wait.
 */
export function frames(queue: DeviceQueue): AsyncIterableIterator<Uint8Array> {
  const scratch = new Uint8Array(MAX_FRAME_BYTES);
  const left = new AbortController();
  return {
    async next() {
      if (left.signal.aborted) return { done: true, value: undefined };
      try {
        const bytes = await queue.readPacket(scratch, { signal: left.signal });
        return { done: false, value: scratch.slice(0, bytes) };
      } catch (error) {
        left.abort();
        if (isQuietEnd(error, left.signal)) return { done: true, value: undefined };
        throw error;
      }
    },
    return() {
      left.abort();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function isQuietEnd(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof TaplineError && error.code === 'DEVICE_CLOSED');
}
