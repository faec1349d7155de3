import { constants } from 'node:os';

import { EXIT_SIGNAL } from '../exitCodes.ts';

/** What signals ask for. */
export interface Stopper {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Says what SIGUSR1 shall do; before, it does nothing. */
  onReport(report: () => void): void;
  /** Says what SIGUSR2 shall do; before, it does nothing. */
  onFlush(flush: () => void): void;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for signals: the first one to stop stops cleanly, the second one at once, with exit code 128 + n. Node keeps
 * SIGUSR1 for its debugger until somebody listens.
 */
export function listenForSignals(): Stopper {
  const controller = new AbortController();
  let report = (): void => undefined;
  let flush = (): void => undefined;
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT_SIGNAL + constants.signals[name]);
    controller.abort();
  };
  for (const name of stopSignals) process.on(name, stop);
  process.on('SIGUSR1', () => {
    report();
  });
  process.on('SIGUSR2', () => {
    flush();
  });
  // What `ulimit -f` sends ends a process that does not listen; the write that was too much fails then.
  process.on('SIGXFSZ', () => undefined);
  return {
    signal: controller.signal,
    onReport(next) {
      report = next;
    },
    onFlush(next) {
      flush = next;
    },
  };
}
