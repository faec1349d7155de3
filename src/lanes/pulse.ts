/** Times that a worker may be found without a sign of life, at the intervals in which it gives one. */
const MISSED_LIMIT = 5;
/** How often a worker gives one within the time that the watchdog allows. */
const PULSES = 4;
/** How long a worker may take to give the first one: threads start slowly on a busy machine. */
const START_MS = 30_000;

/** How often a worker must give a sign of life, in milliseconds, and how often to look. */
export function pulseOf(watchdogMs: number): number {
  return watchdogMs / PULSES;
}

/**
 * The signs of life of one worker: a number in shared memory that its event loop counts up. It is missed by how often it was
 * looked for, not by the clock: whoever stops the whole process, or keeps the processor busy, stops the looking too.
 */
export class Pulse {
  readonly cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #startMs = performance.now();
  #last = 0;
  #missed = 0;

  /** Looks for one. Returns whether the worker is taken for dead: it shows none any more. */
  isMissed(): boolean {
    const now = Atomics.load(this.cell, 0);
    if (now === 0) return performance.now() - this.#startMs > START_MS;
    this.#missed = now === this.#last ? this.#missed + 1 : 0;
    this.#last = now;
    return this.#missed >= MISSED_LIMIT;
  }
}
