import { close, ftruncateSync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { TaplineError } from '../errors.ts';
import { failedCall } from './damage.ts';
import type { ByteSink } from './sink.ts';

const closeDescriptor = promisify(close);

/** A file, written by one of Node's threads, so that a disk that stalls does not stall packets. */
export class FileSink implements ByteSink {
  readonly #name: string;
  readonly #fd: number;
  /** Whether the file was empty, and is ours to close and to cut. */
  readonly #isOurs: boolean;
  #isOpen = true;
  #size = 0;

  constructor(name: string, fd: number, isOurs: boolean) {
    this.#name = name;
    this.#fd = fd;
    this.#isOurs = isOurs;
  }

  write(chunk: Uint8Array, done: (failure: TaplineError | undefined, writtenBytes: number) => void): void {
    this.#writeRest(chunk, 0, done);
  }

  takeBack(bytes: number): void {
    if (!this.#isOurs || bytes === 0) return;
    this.#size -= bytes;
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      // What is no regular file cannot be cut; the failure that brought us here was reported.
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isOurs) return;
    try {
      await closeDescriptor(this.#fd);
    } catch (error) {
      throw failedCall(this.#name, 'close', error);
    }
  }

  /** A disk that is full takes a part first and fails at the next call. */
  #writeRest(chunk: Uint8Array, start: number, done: (failure: TaplineError | undefined, bytes: number) => void): void {
    write(this.#fd, chunk, start, chunk.length - start, null, (error, count) => {
      if (error !== null) {
        done(failedCall(this.#name, 'write', error), start);
        return;
      }
      this.#size += count;
      const end = start + count;
      if (end < chunk.length) this.#writeRest(chunk, end, done);
      else done(undefined, end);
    });
  }
}
