import type { Libc } from '../../sys/libc.ts';
import type { PollHandle } from '../../sys/poll.ts';
import type { RingDriver } from './driver.ts';

/**
 * Says when a turn is due. While there is something it comes again in each round of the event loop, and the kernel is told
 * to keep quiet; when there is nothing, an event descriptor wakes the event loop.
 */
export class Waker {
  readonly #libc: Libc;
  readonly #eventFd: number;
  readonly #driver: RingDriver;
  /** How long after the last packet to keep asking, in milliseconds. */
  readonly #busyPollMs: number;
  readonly #isDeferred: boolean;
  /** Where the kernel's count goes, which nobody needs; read(2) of an eventfd wants 8 bytes. */
  readonly #count = new Uint8Array(8);
  readonly #countAddress: number;
  #ready: (() => void) | undefined;
  #poll: PollHandle | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #state: 'due' | 'spinning' | 'resting' = 'due';
  /** The event descriptor was found readable, and was not read since. */
  #isSignalled = false;
  /** Whoever takes turns is being told: what is due afterwards is seen to afterwards. */
  #isTelling = false;
  /** Turns so far, to see whether whoever was told took one. */
  #turns = 0;
  /** When there was last something, for busy polling. */
  #lastMs = 0;

  /**
   * @param busyPoll microseconds after the last packet in which to keep asking; 0: wait at once
   * @param isDeferred whether turns are only taken outside of koffi's callback, and while the descriptor is not readable:
   *   a thread may end within one (`src/engine/lent/lent.ts` says why)
   */
  constructor(libc: Libc, eventFd: number, driver: RingDriver, busyPoll: number, isDeferred: boolean) {
    this.#libc = libc;
    this.#eventFd = eventFd;
    this.#driver = driver;
    this.#busyPollMs = busyPoll / 1000;
    this.#isDeferred = isDeferred;
    this.#countAddress = libc.addressOf(this.#count);
    driver.setWake(false);
  }

  start(ready: () => void): void {
    this.#ready = ready;
    this.#poll = this.#libc.poll(this.#eventFd, { readable: true }, this.#woken);
  }

  /** A turn begins. */
  turn(): void {
    this.#turns++;
    this.#rise();
  }

  /** A turn ends: `isBusy` when the next one will find something for certain. */
  rest(isBusy: boolean): void {
    if (this.#ready === undefined) return;
    const isDue = isBusy || this.#driver.hasWork();
    if (this.#busyPollMs > 0 && isDue) this.#lastMs = performance.now();
    if (isDue) this.comeAgain();
    else if (this.#busyPollMs > 0 && performance.now() - this.#lastMs < this.#busyPollMs) this.#spin();
    else this.#sleep();
  }

  /** Tells ready in the next round of the event loop, also while nothing comes from the kernel. */
  comeAgain(): void {
    this.#rise();
    this.#schedule();
  }

  /** Nobody is told any more. */
  close(): void {
    this.#ready = undefined;
    clearImmediate(this.#immediate);
    this.#poll?.close();
    this.#poll = undefined;
  }

  #rise(): void {
    if (this.#state === 'resting') this.#driver.setWake(false);
    this.#state = 'due';
  }

  #spin(): void {
    this.#state = 'spinning';
    this.#schedule();
  }

  /** Most turns that find something are followed by one that does not, in the same round: no need to come again. */
  #schedule(): void {
    if (this.#ready !== undefined && !this.#isTelling) this.#immediate ??= setImmediate(this.#again);
  }

  /** The order matters: the kernel notes its work first, and asks then whether to wake us. */
  #sleep(): void {
    if (this.#isSignalled) this.#clearSignal();
    this.#driver.setWake(true);
    this.#state = 'resting';
    if (this.#driver.hasWork()) this.comeAgain();
  }

  #clearSignal(): void {
    this.#isSignalled = false;
    this.#libc.read(this.#eventFd, this.#countAddress, this.#count.length);
  }

  /** From the event loop, as long as the descriptor is readable: it is read after the packets, or before we sleep. */
  readonly #woken = (): void => {
    if (this.#isDeferred) {
      this.comeAgain();
      this.#clearSignal();
      return;
    }
    this.#isSignalled = true;
    if (this.#tell() && this.#isAwake()) this.#clearSignal();
  };

  readonly #again = (): void => {
    this.#immediate = undefined;
    if (this.#state === 'resting') return;
    if (this.#state === 'spinning' && !this.#driver.hasWork()) this.rest(false);
    else this.#tell();
  };

  /** Returns whether a turn was taken. */
  #tell(): boolean {
    const turns = this.#turns;
    this.#isTelling = true;
    try {
      this.#ready?.();
    } finally {
      this.#isTelling = false;
    }
    if (this.#state !== 'resting') this.#schedule();
    return this.#turns !== turns;
  }

  #isAwake(): boolean {
    return this.#isSignalled && this.#poll !== undefined;
  }
}
