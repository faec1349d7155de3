/** Longest time that a timer can be set to. */
const LONGEST_MS = 2 ** 31 - 1;

/** Lets packets of a capture pass as far apart as they were captured, or a multiple as fast. */
export class Pace {
  readonly #speed: number;
  #startMs = Number.NaN;
  #firstSeconds = 0;
  #firstNanoseconds = 0;

  /** @param speed 1: as fast as captured; 2: twice as fast */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /**
   * Milliseconds until a packet is due; 0: it is. The first one that is asked for is due at once, and so is one that is
   * older than the one before it.
   */
  waitMs(seconds: number, nanoseconds: number): number {
    const nowMs = performance.now();
    if (Number.isNaN(this.#startMs)) {
      this.#startMs = nowMs;
      this.#firstSeconds = seconds;
      this.#firstNanoseconds = nanoseconds;
    }
    const sinceFirstMs = (seconds - this.#firstSeconds) * 1000 + (nanoseconds - this.#firstNanoseconds) / 1e6;
    return Math.max(0, Math.min(LONGEST_MS, this.#startMs + sinceFirstMs / this.#speed - nowMs));
  }
}
