import type { ByteSink } from '../../../src/capture/sink.ts';
import { TaplineError } from '../../../src/errors.ts';

/** A sink in memory whose writes end when the test says so. */
export class MemorySink implements ByteSink {
  isClosed = false;
  /** Bytes that fit; what exceeds them fails as on a full disk. */
  capacity = Infinity;
  /** Whether writes wait for `finishWrite`. */
  isHeld = false;
  #bytes = Buffer.alloc(0);
  #held: (() => void) | undefined;

  get bytes(): Buffer {
    return this.#bytes;
  }

  get isWriting(): boolean {
    return this.#held !== undefined;
  }

  write(chunk: Uint8Array, done: (failure: TaplineError | undefined, writtenBytes: number) => void): void {
    if (this.#held !== undefined) throw new Error('A write began before the one before had ended');
    const finish = (): void => {
      this.#held = undefined;
      const part = chunk.subarray(0, Math.max(0, this.capacity - this.#bytes.length));
      this.#bytes = Buffer.concat([this.#bytes, part]);
      const isWhole = part.length === chunk.length;
      done(isWhole ? undefined : new TaplineError('SYSCALL', 'The disk is full', { errno: 28 }), part.length);
    };
    this.#held = finish;
    if (!this.isHeld) setImmediate(finish);
  }

  finishWrite(): void {
    this.#held?.();
  }

  takeBack(bytes: number): void {
    this.#bytes = this.#bytes.subarray(0, this.#bytes.length - bytes);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
