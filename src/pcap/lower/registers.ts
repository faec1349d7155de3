import { SCRATCH_COUNT } from '../program/bpf.ts';

/** Scratch registers that are in use. They are given out in a circle, as libpcap does. */
export class Registers {
  readonly #isUsed = new Array<boolean>(SCRATCH_COUNT).fill(false);
  #next = 0;

  /** @returns undefined when all are in use */
  take(): number | undefined {
    for (let tries = 0; tries < SCRATCH_COUNT; tries++) {
      if (this.#isUsed[this.#next] === false) {
        this.#isUsed[this.#next] = true;
        return this.#next;
      }
      this.#next = (this.#next + 1) % SCRATCH_COUNT;
    }
    return undefined;
  }

  giveBack(register: number): void {
    this.#isUsed[register] = false;
  }
}
