import type { Writable } from 'node:stream';
import type { TaplineError } from '../errors.ts';
import { failedCall } from './damage.ts';
import type { ByteSink } from './sink.ts';

/** A pipe or a socket: written by the event loop, as fast as its other end reads. */
export class StreamSink implements ByteSink {
  readonly #name: string;
  readonly #stream: Writable;
  readonly #isOurs: boolean;

  /** @param isOurs whether `close` ends the stream; standard output is not ours */
  constructor(name: string, stream: Writable, isOurs: boolean) {
    this.#name = name;
    this.#stream = stream;
    this.#isOurs = isOurs;
    // The write that failed reports it; without a listener it would end the process as well.
    stream.on('error', ignore);
  }

  write(chunk: Uint8Array, done: (failure: TaplineError | undefined, writtenBytes: number) => void): void {
    this.#stream.write(chunk, (error) => {
      const failure = error ?? undefined;
      if (failure === undefined) done(undefined, chunk.length);
      else done(failedCall(this.#name, 'write', failure), 0);
    });
  }

  /** What is in a pipe is gone. */
  takeBack(): void {
    return;
  }

  close(): Promise<void> {
    if (!this.#isOurs || this.#stream.destroyed) {
      this.#stream.off('error', ignore);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end(() => this.#stream.destroy());
    });
  }
}

function ignore(): void {
  return;
}
