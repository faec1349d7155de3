import { addReadable, remove } from '../../sys/epoll.ts';
import type { Libc } from '../../sys/libc.ts';
import type { PollHandle } from '../../sys/poll.ts';

/**
 * One descriptor, readable while any of several is, through which a thread waits for them all: whoever owns it can end the
 * waiting. It stays shut while a turn is taken and what came in is judged, and no turn is taken from within koffi's
 * callback, since the thread may end there (`lent.ts` says why). For the same reason the poll handle is left alone:
 * even to stop it is a call that ends the process in a thread that is going down; a plain system call is none.
 */
export class Gate {
  readonly #libc: Libc;
  readonly #fd: number;
  /** What is waited for while the gate is open. */
  readonly #watched = new Set<number>();
  #isOpen = true;
  #poll: PollHandle | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #ready: () => void = () => undefined;
  #isWoken = false;

  /** @param fd an epoll descriptor that has all that will be watched */
  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Waits for `fd`, too. A handle as of `Libc.poll`, but for `ref` and `unref`, which do nothing. */
  watch(fd: number): PollHandle {
    this.#watched.add(fd);
    const nothing = (): void => undefined;
    const pause = (): void => {
      if (this.#watched.delete(fd) && this.#isOpen) remove(this.#libc, this.#fd, fd);
    };
    const resume = (): void => {
      this.#watched.add(fd);
      if (this.#isOpen) addReadable(this.#libc, this.#fd, fd);
    };
    return { pause, resume, ref: nothing, unref: nothing, close: pause };
  }

  start(ready: () => void): void {
    this.#ready = ready;
    this.#poll = this.#libc.poll(this.#fd, { readable: true }, this.#woken);
  }

  /** A turn begins: the gate opens again in the next round of the event loop. */
  turn(): void {
    this.#shut();
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

  #shut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const fd of this.#watched) remove(this.#libc, this.#fd, fd);
  }

  #open(): void {
    if (this.#isOpen || this.#poll === undefined) return;
    this.#isOpen = true;
    for (const fd of this.#watched) addReadable(this.#libc, this.#fd, fd);
  }

  readonly #woken = (): void => {
    this.#isWoken = true;
    this.#shut();
    this.#schedule();
  };

  readonly #again = (): void => {
    if (this.#isWoken) {
      this.#isWoken = false;
      this.#ready();
    }
    this.#immediate = undefined;
    this.#open();
  };
}
