import { type Gzip, constants, createGzip } from 'node:zlib';
import type { TaplineError } from '../errors.ts';
import type { ByteSink } from './sink.ts';

/** Told when a write has ended, as `ByteSink.write` tells it. */
type Done = (failure: TaplineError | undefined, writtenBytes: number) => void;

/**
 * Compresses what goes to another sink. Each chunk is flushed, so what is said to be written can be unpacked as far as it
 * goes, also by one who reads along. zlib works on a thread of its own.
 */
export class GzipSink implements ByteSink {
  readonly #inner: ByteSink;
  readonly #zlib: Gzip;
  /** What zlib has made since the last write to the inner sink. */
  #made: Uint8Array[] = [];
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(inner: ByteSink) {
    this.#inner = inner;
    this.#zlib = createGzip();
    this.#zlib.on('data', (part: Uint8Array) => this.#made.push(part));
  }

  write(chunk: Uint8Array, done: Done): void {
    this.#zlib.write(chunk);
    this.#zlib.flush(constants.Z_SYNC_FLUSH, () => {
      this.#handOn((failure) => {
        done(failure, failure === undefined ? chunk.length : 0);
      });
    });
  }

  /** Of a compressed chunk no part can stay: the inner sink has taken back what it wrote of it. */
  takeBack(): void {
    return;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #handOn(done: Done): void {
    const made = Buffer.concat(this.#made);
    this.#made = [];
    if (made.length === 0) {
      done(undefined, 0);
      return;
    }
    this.#inner.write(made, (failure, writtenBytes) => {
      if (failure !== undefined) {
        this.#hasFailed = true;
        this.#inner.takeBack(writtenBytes);
      }
      done(failure, writtenBytes);
    });
  }

  /** The end of the compressed data, unless what it belongs to could not be written. */
  async #close(): Promise<void> {
    let failure: TaplineError | undefined;
    if (!this.#hasFailed) {
      await new Promise<void>((resolve) => {
        this.#zlib.once('end', resolve);
        this.#zlib.end();
      });
      failure = await new Promise((resolve) => {
        this.#handOn(resolve);
      });
    }
    this.#zlib.destroy();
    await this.#inner.close();
    if (failure !== undefined) throw failure;
  }
}
