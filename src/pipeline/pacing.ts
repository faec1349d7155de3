import { BATCH_COUNT } from '../../assembly/layout.ts';

/** How long a portion waits for readers that make no room: both, since a process may be stopped for a while itself. */
const PATIENCE_MS = 10;
const PATIENCE_ROUNDS = 10;

/**
 * Portions of segments follow one another without anything being read, faster than a queue's reader in this process can
 * take them. This says when the next one has to wait: while more than a batch is on its way, and somebody moves.
 */
export class Pacing {
  /** Writes on their way that nobody will complete soon: a reader stays away. */
  #floor = 0;
  #last = 0;
  #sinceMs = 0;
  /** Rounds in which nobody moved. */
  #rounds = 0;

  /**
   * Whether to wait for another round of the event loop.
   *
   * @param pending writes on their way: `engine.pendingCount`
   * @param nowMs time in milliseconds
   */
  waits(pending: number, nowMs: number): boolean {
    this.#floor = Math.min(this.#floor, pending);
    const isFull = pending > this.#floor + BATCH_COUNT;
    if (this.#rounds === 0 || pending < this.#last) {
      this.#rounds = 0;
      this.#sinceMs = nowMs;
    }
    this.#last = pending;
    const isPatient = this.#rounds < PATIENCE_ROUNDS || nowMs - this.#sinceMs < PATIENCE_MS;
    if (isFull && isPatient) {
      this.#rounds++;
      return true;
    }
    if (isFull) this.#floor = pending;
    this.#rounds = 0;
    return false;
  }
}
