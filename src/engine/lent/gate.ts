import { addReadable, remove } from '../../sys/epoll.ts';
import type { Libc } from '../../sys/libc.ts';
import type { PollHandle } from '../../sys/poll.ts';

/**
 * One descriptor, readable while any of several is, through which a thread waits for them all: whoever owns it can end the
 * waiting. While turns are taken nothing waits, and none is taken from within koffi's callback, since the thread may end
 * in one (`lent.ts` says why).
 */
export class Gate {
  readonly #libc: Libc;
  readonly #fd: number;
  #poll: PollHandle | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #ready: () => void = () => undefined;
  #isWoken = false;

  /** @param fd an epoll descriptor */
  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Waits for `fd`, too. A handle as of `Libc.poll`, but for `ref` and `unref`, which do nothing. */
  watch(fd: number): PollHandle {
    const nothing = (): void => undefined;
    let isClosed = false;
    return {
      pause: () => remove(this.#libc, this.#fd, fd),
      resume: () => {
        if (!isClosed) addReadable(this.#libc, this.#fd, fd);
      },
      ref: nothing,
      unref: nothing,
      close: () => {
        isClosed = true;
        remove(this.#libc, this.#fd, fd);
      },
    };
  }

  start(ready: () => void): void {
    this.#ready = ready;
    this.#poll = this.#libc.poll(this.#fd, { readable: true }, this.#woken);
  }

  /** A turn begins: waits again from the next round of the event loop on. */
  turn(): void {
    this.#poll?.pause();
    this.#schedule();
  }

  close(): void {
    this.#poll?.close();
    this.#poll = undefined;
    clearImmediate(this.#immediate);
  }

  #schedule(): void {
    if (this.#poll !== undefined) this.#immediate ??= setImmediate(this.#again);
  }

  readonly #woken = (): void => {
    this.#isWoken = true;
    this.#poll?.pause();
    this.#schedule();
  };

  readonly #again = (): void => {
    if (this.#isWoken) {
      this.#isWoken = false;
      this.#ready();
    }
    this.#immediate = undefined;
    this.#poll?.resume();
  };
}
