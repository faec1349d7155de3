import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';
import type { PollHandle } from '../sys/poll.ts';
import { systemError } from '../sys/systemError.ts';
import type { ReadOptions } from './deviceQueue.ts';
import type { FrameReader } from './frameReader.ts';
import type { Identity } from './identity.ts';

interface Waiter {
  readonly buffer: Uint8Array;
  /** Keeps the device from being collected while somebody waits for it, and only then. */
  readonly owner: object;
  readonly resolve: (bytes: number) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads that wait for a frame, first come, first served. The descriptor is in the event loop only while one waits, so
 * that an idle device keeps neither the process nor itself alive.
 */
export class ReadQueue {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #identity: Pick<Identity, 'name'>;
  readonly #reader: FrameReader;
  readonly #waiters: Waiter[] = [];
  #poll: PollHandle | null = null;

  constructor(libc: Libc, fd: number, identity: Pick<Identity, 'name'>, reader: FrameReader) {
    this.#libc = libc;
    this.#fd = fd;
    this.#identity = identity;
    this.#reader = reader;
  }

  /** The next frame, if nobody waits for it and there is one. */
  tryRead(buffer: Uint8Array): number | null {
    return this.#waiters.length > 0 ? null : this.#reader.read(buffer);
  }

  /** The next frame that nobody else waits for. */
  async read(buffer: Uint8Array, options: ReadOptions, owner: object): Promise<number> {
    const timeoutMs = checkTimeout(options.timeoutMs ?? 0);
    options.signal?.throwIfAborted();
    return this.tryRead(buffer) ?? (await this.#wait(buffer, timeoutMs, options.signal, owner));
  }

  /** Rejects everyone who waits. */
  rejectAll(reason: TaplineError): void {
    this.#poll?.pause();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  /** Rejects everyone who waits, and leaves the event loop for good. */
  close(reason: TaplineError): void {
    this.#poll?.close();
    this.#poll = null;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  async #wait(buffer: Uint8Array, timeoutMs: number, signal: AbortSignal | undefined, owner: object): Promise<number> {
    const { promise, waiter } = newWaiter(buffer, owner);
    const onAbort = () => {
      this.#dismiss(waiter, signal?.reason);
    };
    const timer =
      timeoutMs === 0
        ? undefined
        : setTimeout(() => {
            const text = `No frame from ${this.#identity.name} within ${timeoutMs} ms`;
            this.#dismiss(waiter, new TaplineError('TIMEOUT', text));
          }, timeoutMs);
    signal?.addEventListener('abort', onAbort);
    try {
      this.#enqueue(waiter);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #enqueue(waiter: Waiter): void {
    if (this.#waiters.length === 0) {
      if (this.#poll === null) this.#poll = this.#startPoll();
      else this.#poll.resume();
    }
    this.#waiters.push(waiter);
  }

  #startPoll(): PollHandle {
    return this.#libc.poll(this.#fd, { readable: true }, (status) => {
      if (status < 0) this.#fail(-status);
      else this.#serve();
    });
  }

  #dismiss(waiter: Waiter, reason: unknown): void {
    const index = this.#waiters.indexOf(waiter);
    if (index < 0) return;
    this.#waiters.splice(index, 1);
    if (this.#waiters.length === 0) this.#poll?.pause();
    waiter.reject(reason);
  }

  /** Hands out what there is. A waiter whose buffer is too small is told so, and the frame goes to the next one. */
  #serve(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      try {
        const bytes = this.#reader.read(waiter.buffer);
        if (bytes === null) return;
        waiter.resolve(bytes);
      } catch (error) {
        waiter.reject(error);
      }
      this.#waiters.shift();
    }
    this.#poll?.pause();
  }

  /** libuv has stopped waiting. EBADF is what it makes of a deleted interface. */
  #fail(errno: number): void {
    const isGone = errno === errnos.EBADF;
    this.close(
      systemError({
        action: `Cannot read from ${this.#identity.name}`,
        syscall: 'poll',
        errno: isGone ? errnos.EBADFD : errno,
      }),
    );
  }
}

function newWaiter(buffer: Uint8Array, owner: object): { promise: Promise<number>; waiter: Waiter } {
  let waiter: Waiter | undefined;
  const promise = new Promise<number>((resolve, reject) => {
    waiter = { buffer, owner, resolve, reject };
  });
  if (waiter === undefined) throw new Error('unreachable: executors run at once');
  return { promise, waiter };
}

/** setTimeout takes 31 bits, and treats more as 1 ms. */
const MAX_TIMEOUT_MS = 0x7fffffff;

function checkTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs !== 'number') {
    throw new TypeError(`Expected timeoutMs to be a number, got ${typeof timeoutMs}`);
  }
  if (!(timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new RangeError(`Expected timeoutMs to be from 0 to ${MAX_TIMEOUT_MS}, got ${timeoutMs}`);
  }
  return timeoutMs;
}
