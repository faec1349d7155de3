import { type Gunzip, createGunzip } from 'node:zlib';
import { TaplineError } from '../errors.ts';
import { damaged } from './damage.ts';
import { type ByteSource, NOT_YET } from './source.ts';
import { StreamSource } from './streamSource.ts';

/** Compressed bytes that are handed to zlib at a time. */
const INPUT_BYTES = 128 * 1024;
/** Bytes that zlib makes at a time. */
const OUTPUT_BYTES = 256 * 1024;

/** Whether these first bytes of a file are gzip's: RFC 1952, section 2.3.1. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** What gzip makes of another source. zlib works on a thread of its own, while packets are processed on ours. */
export class GunzipSource implements ByteSource {
  readonly #input: ByteSource;
  readonly #zlib: Gunzip;
  readonly #output: StreamSource;

  /** @param head compressed bytes that were taken from `input` already */
  constructor(name: string, input: ByteSource, head: Uint8Array) {
    this.#input = input;
    this.#zlib = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#output = new StreamSource(this.#zlib, (error, madeBytes) =>
      error instanceof TaplineError
        ? error
        : damaged(name, madeBytes, `its compressed data is damaged (${error.message})`, error),
    );
    this.#give(head);
  }

  read(target: Uint8Array, offset: number, length: number): number {
    return this.#output.read(target, offset, length);
  }

  awaitData(callback: () => void): void {
    this.#output.awaitData(callback);
  }

  /** Of the compressed bytes. */
  progress(): number | undefined {
    return this.#input.progress();
  }

  close(): void {
    this.#output.close();
    this.#input.close();
  }

  /**
   * Hands over one piece, and the next one when zlib has made all of it. So the end, where it shows that a file was cut, is
   * a call of its own that makes nothing, and no bytes are lost with the error.
   */
  #give(chunk: Uint8Array): void {
    this.#zlib.write(chunk, this.#feed);
  }

  readonly #feed = (failure?: Error | null): void => {
    if ((failure ?? undefined) !== undefined || this.#zlib.destroyed) return;
    const chunk = new Uint8Array(INPUT_BYTES);
    try {
      const count = this.#input.read(chunk, 0, INPUT_BYTES);
      if (count === NOT_YET) this.#input.awaitData(this.#feed);
      else if (count === 0) this.#zlib.end();
      else this.#give(chunk.subarray(0, count));
    } catch (error) {
      this.#zlib.destroy(error as Error);
    }
  };
}
