import type { TaplineError } from '../errors.ts';
import { damaged } from './damage.ts';
import { type ByteSource, NOT_YET } from './source.ts';

/** As many bytes as were asked for are there. */
export const READY = 1;
/** They are not there yet. */
export const WAITING = 0;
/** They will never be: the source ends before. */
export const ENDED = -1;
export type Fill = typeof READY | typeof WAITING | typeof ENDED;

/** Bytes of a window at the start: many records, few system calls, and small enough for a processor's cache. */
export const WINDOW_BYTES = 512 * 1024;

/**
 * The part of a file that is in memory:
 *
 *     file   ──────────────┬─────────────────┬───────────────┬──────────────
 *                          │ read, used      │ read, unused  │ not read yet
 *     bytes                0             position           end       length
 *
 * `fill` moves the unused part to the front and reads more behind it, so positions and views are valid until the next
 * `fill`. It grows only when a record needs it and only with bytes that really came, so no length field makes it large.
 */
export class Window {
  readonly name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** The same memory. */
  view: DataView<ArrayBuffer>;
  /** First unused byte. Moved by who reads, by whole records. */
  position = 0;

  readonly #source: ByteSource;
  #end = 0;
  /** Where in the file `bytes` begins. */
  #base = 0;

  /** @param name of the file, for messages */
  constructor(name: string, source: ByteSource, capacity: number) {
    this.name = name;
    this.#source = source;
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Unused bytes that are there. */
  get available(): number {
    return this.#end - this.position;
  }

  /** Where in the file `position` is. */
  get offset(): number {
    return this.#base + this.position;
  }

  /** Sees to it that `count` unused bytes are there. */
  fill(count: number): Fill {
    if (this.available >= count) return READY;
    this.#moveToFront();
    while (this.#end < count) {
      if (this.#end === this.bytes.length) this.#grow(count);
      const got = this.#source.read(this.bytes, this.#end, this.bytes.length - this.#end);
      if (got === NOT_YET) return WAITING;
      if (got === 0) return ENDED;
      this.#end += got;
    }
    return READY;
  }

  /** Takes the unused bytes out. */
  takeRest(): Uint8Array<ArrayBuffer> {
    const rest = this.bytes.slice(this.position, this.#end);
    this.position = this.#end;
    return rest;
  }

  /** The error that ends reading at the record that begins at `position`. */
  damage(reason: string): TaplineError {
    return damaged(this.name, this.offset, reason);
  }

  #moveToFront(): void {
    if (this.position === 0) return;
    this.bytes.copyWithin(0, this.position, this.#end);
    this.#base += this.position;
    this.#end -= this.position;
    this.position = 0;
  }

  #grow(count: number): void {
    const larger = new Uint8Array(Math.min(count, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
