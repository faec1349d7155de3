import { BATCH_COUNT, PORT_COUNT } from '../../assembly/layout.ts';
import { PORT_WORD, RECORD_WORDS, portOf, recordArray } from './records.ts';

/**
 * Writes that wait for room, over all ports. TUN practically never makes one wait. Less than a pool has slots, so that a
 * port that takes nothing does not end the reading of those that write to it.
 */
export const BACKLOG_COUNT = BATCH_COUNT;
/** When to try again what had to wait. */
const RETRY_MS = 1;

/** Outbound records that the kernel had no room for, in order, and the timer that calls for another turn. */
export class Backlog {
  readonly #records = recordArray(BACKLOG_COUNT);
  readonly #waiting = new Uint16Array(PORT_COUNT);
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  get count(): number {
    return this.#count;
  }

  /** Whether something waits for the port: then what comes later has to wait, too, to keep the order. */
  holds(port: number): boolean {
    return (this.#waiting[port] ?? 0) > 0;
  }

  /** Takes the record at `word` of `records`; false when too many wait already. `ready` is called when to try again. */
  add(records: Uint32Array, word: number, ready: () => void): boolean {
    if (this.#count === BACKLOG_COUNT) return false;
    const to = this.#count++ * RECORD_WORDS;
    for (let i = 0; i < RECORD_WORDS; i++) this.#records[to + i] = records[word + i] ?? 0;
    const port = portOf(records[word + PORT_WORD] ?? 0);
    this.#waiting[port] = (this.#waiting[port] ?? 0) + 1;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      ready();
    }, RETRY_MS);
    return true;
  }

  /** Hands all records out, in their order. `write` may add them again: they move to the front, never beyond where they stood. */
  retry(write: (records: Uint32Array, word: number) => void): void {
    const count = this.#count;
    this.#count = 0;
    this.#waiting.fill(0);
    for (let i = 0; i < count; i++) write(this.#records, i * RECORD_WORDS);
  }

  /** Hands all records out for the last time. */
  close(give: (records: Uint32Array, word: number) => void): void {
    this.retry(give);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
