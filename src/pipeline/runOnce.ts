import { inspect } from 'node:util';
import { TaplineError } from '../errors.ts';

/** What a line of any kind must offer to be run. */
export interface Runnable {
  start(): void;
  /** Ends the line. */
  stop(): void;
  /** Settles when the line has ended. */
  readonly ended: Promise<void>;
}

/**
 * Checks that a line may be run, and with what.
 *
 * @throws {TaplineError} `LINE_CLOSED` when it was run or closed before
 * @throws {TypeError} when the signal is none
 */
export function checkRun(state: 'open' | 'running' | 'closed', signal: unknown): void {
  if (state !== 'open') {
    const why = state === 'running' ? 'it is running' : 'it was closed';
    throw new TaplineError('LINE_CLOSED', `Cannot run the line: ${why}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Cannot run the line: signal must be an AbortSignal, got ${inspect(signal)}`);
  }
}

/** Runs a line until it has ended, which the signal may tell it to do, also before it has begun. */
export async function runOnce(line: Runnable, signal: AbortSignal | undefined): Promise<void> {
  const stop = (): void => {
    line.stop();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (signal?.aborted === true) stop();
    else line.start();
    await line.ended;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
