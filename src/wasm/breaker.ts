import type { BreakerManifest } from './manifest.ts';

const SECOND_NS = 1e9;
const FIRST_PAUSE_NS = 1e9;
/** Traps that running out of fuel counts for. */
const OUT_OF_FUEL_TRAPS = 5;
const LONGEST_PAUSE_NS = 60e9;

/** Counts traps, and opens when there are too many of them within a second. Times are those of batches. */
export class Breaker {
  readonly #limit: number;
  readonly #then: BreakerManifest['then'];
  #windowStart = -SECOND_NS;
  #traps = 0;
  #isOpen = false;
  #pause = FIRST_PAUSE_NS;
  /** When a new instance may be tried. */
  #reloadAt = 0;
  #reloadedAt = -Infinity;

  constructor({ traps, then }: BreakerManifest) {
    this.#limit = traps;
    this.#then = then;
  }

  /** Whether the filter is kept from judging. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Seconds until a new instance is tried. */
  get pauseSeconds(): number {
    return this.#pause / SECOND_NS;
  }

  /** Counts a trap; one for want of fuel has cost more time. Returns whether it opened the breaker. */
  trapped(now: number, isOutOfFuel: boolean): boolean {
    if (now - this.#windowStart >= SECOND_NS) {
      this.#windowStart = now;
      this.#traps = 0;
    }
    this.#traps += isOutOfFuel ? OUT_OF_FUEL_TRAPS : 1;
    if (this.#traps < this.#limit) return false;
    this.#open(now);
    return true;
  }

  /** Whether it is time to try a new instance. */
  isReloadDue(now: number): boolean {
    return this.#then === 'reload' && now >= this.#reloadAt;
  }

  /** A new instance is at work. */
  reloaded(now: number): void {
    this.#isOpen = false;
    this.#traps = 0;
    this.#reloadedAt = now;
  }

  /** An instance could not be made. */
  failed(now: number): void {
    this.#open(now);
  }

  /** Each time sooner than a minute behind the last doubles the pause. */
  #open(now: number): void {
    const isSoon = this.#isOpen || now - this.#reloadedAt < LONGEST_PAUSE_NS;
    this.#pause = isSoon ? Math.min(2 * this.#pause, LONGEST_PAUSE_NS) : FIRST_PAUSE_NS;
    this.#isOpen = true;
    this.#reloadAt = now + this.#pause;
  }
}
