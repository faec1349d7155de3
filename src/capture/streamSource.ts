import type { Readable } from 'node:stream';
import type { TaplineError } from '../errors.ts';
import { ChunkQueue } from './chunkQueue.ts';
import { type ByteSource, NOT_YET } from './source.ts';
import { Waiter } from './waiter.ts';

/** Bytes that wait to be read before the stream is paused. */
const QUEUE_BYTES = 4 * 2 ** 20;

/** A stream of Node's (a pipe, standard input, a decompressor): filled by the event loop, paused while enough is there. */
export class StreamSource implements ByteSource {
  readonly #stream: Readable;
  readonly #queue = new ChunkQueue();
  readonly #waiter = new Waiter();
  #arrivedBytes = 0;
  #hasEnded = false;
  #failure: TaplineError | undefined;

  /** @param errorOf what to throw for a failure of the stream, after so many bytes */
  constructor(stream: Readable, errorOf: (failure: Error, arrivedBytes: number) => TaplineError) {
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => {
      this.#queue.push(chunk);
      this.#arrivedBytes += chunk.length;
      if (this.#queue.length >= QUEUE_BYTES) stream.pause();
      this.#waiter.wake();
    });
    stream.on('error', (error) => {
      this.#failure ??= errorOf(error, this.#arrivedBytes);
      this.#waiter.wake();
    });
    stream.once('end', this.#end);
    stream.once('close', this.#end);
  }

  read(target: Uint8Array, offset: number, length: number): number {
    if (this.#queue.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#hasEnded ? 0 : NOT_YET;
    }
    const count = this.#queue.take(target, offset, length);
    if (this.#queue.length < QUEUE_BYTES && this.#stream.isPaused()) this.#stream.resume();
    return count;
  }

  awaitData(callback: () => void): void {
    this.#waiter.set(callback);
    if (this.#queue.length > 0 || this.#hasEnded || this.#failure !== undefined) setImmediate(this.#waiter.wake);
  }

  progress(): undefined {
    return undefined;
  }

  close(): void {
    this.#waiter.clear();
    this.#stream.destroy();
  }

  readonly #end = (): void => {
    this.#hasEnded = true;
    this.#waiter.wake();
  };
}
