import { type Loan, SILENCE_MS } from './lent.ts';

/**
 * Silences engines whose workers are about to go down with the process, and waits until none is on its way to be woken.
 * For a handler of the process's `exit`, which must not wait for anything else: it blocks for SILENCE_MS.
 */
export function silenceAll(loans: Iterable<Pick<Loan, 'silence'>>): void {
  let count = 0;
  for (const loan of loans) {
    loan.silence();
    count++;
  }
  if (count > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SILENCE_MS);
}
