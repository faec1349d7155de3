/** One callback that waits for something to happen, and is called once. */
export class Waiter {
  #callback: (() => void) | undefined;

  /** Replaces the callback that waited before. */
  set(callback: () => void): void {
    this.#callback = callback;
  }

  /** Calls who waits, if anybody does. An arrow, so that it can be handed on. */
  readonly wake = (): void => {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  };

  /** Forgets who waits. */
  clear(): void {
    this.#callback = undefined;
  }
}
