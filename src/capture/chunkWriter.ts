import type { TaplineError } from '../errors.ts';
import type { ByteSink } from './sink.ts';
import { Waiter } from './waiter.ts';

/** Bytes that are handed to a sink together. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Bytes in use. */
  length: number;
  /** Where its packets begin: behind a header of the file, if it has one. */
  recordsFrom: number;
}

/** What is lost with a write that failed: the chunk, how much of it was written, and those that waited behind it. */
export type OnFailure = (failure: TaplineError, chunk: Chunk, writtenBytes: number, waiting: readonly Chunk[]) => void;

/**
 * Bytes on their way to a sink, in a fixed number of chunks: one is filled, one is written, the others wait. When all of
 * them wait there is no room, and whoever writes drops or waits; so a slow sink costs this much memory and no more.
 */
export class ChunkWriter {
  /** The chunk that is filled. */
  chunk: Chunk;

  readonly #sink: ByteSink;
  readonly #onFailure: OnFailure;
  readonly #chunkBytes: number;
  /** Chunks that may still be made. */
  #unmade: number;
  readonly #free: Chunk[] = [];
  /** Chunks to be written, the one that is written just now first. */
  readonly #full: Chunk[] = [];
  readonly #room = new Waiter();
  /** Chunks that were handed over, and of these the ones that are written. */
  #handedOver = 0;
  #done = 0;
  /** Who waits for which chunk to be written. */
  #flushes: { readonly chunk: number; readonly resolve: () => void }[] = [];
  #hasFailed = false;
  /** Whether the chunk that is filled shall go as soon as the others are gone. */
  #isHurried = false;

  /** @param chunkCount 2 or more */
  constructor(sink: ByteSink, chunkCount: number, chunkBytes: number, onFailure: OnFailure) {
    this.#sink = sink;
    this.#chunkBytes = chunkBytes;
    this.#onFailure = onFailure;
    this.#unmade = chunkCount - 1;
    this.chunk = makeChunk(chunkBytes);
  }

  /** Makes room for `count` bytes, at most a chunk, at `chunk.length`; false when there is none. */
  reserve(count: number): boolean {
    if (this.#hasFailed) return false;
    if (this.chunk.length + count <= this.#chunkBytes) return true;
    if (!this.#hasChunk()) return false;
    this.#handOver();
    return true;
  }

  /** Whether `count` records of up to `bytes` bytes each, at most a chunk, surely find room. */
  hasRoomFor(count: number, bytes: number): boolean {
    const left = count - Math.floor((this.#chunkBytes - this.chunk.length) / bytes);
    return left <= (this.#free.length + this.#unmade) * Math.floor(this.#chunkBytes / bytes);
  }

  /** Writes bytes that are no packets (a header), when everything before them is on its way: no chunk has anything else. */
  append(bytes: Uint8Array): void {
    if (this.#hasFailed || bytes.length === 0) return;
    this.chunk.bytes.set(bytes);
    this.chunk.length = bytes.length;
    this.chunk.recordsFrom = bytes.length;
    this.#handOver();
  }

  /** Calls back once, from the event loop, when there is room again. */
  awaitRoom(callback: () => void): void {
    this.#room.set(callback);
  }

  /** Has everything written that is there. While other chunks are on their way, a small one does not take up their room. */
  hurry(): void {
    if (this.#hasFailed || this.chunk.length === 0) return;
    if (this.#full.length === 0) this.#handOver();
    else this.#isHurried = true;
  }

  /** Settles when everything that is there now was written, or lost. */
  async flush(): Promise<void> {
    const chunk = this.#handedOver + (this.chunk.length > 0 ? 1 : 0);
    this.hurry();
    if (this.#hasFailed || this.#done >= chunk) return;
    await new Promise<void>((resolve) => {
      this.#flushes.push({ chunk, resolve });
    });
  }

  #hasChunk(): boolean {
    return this.#free.length > 0 || this.#unmade > 0;
  }

  #handOver(): void {
    this.#full.push(this.chunk);
    this.#handedOver++;
    this.chunk = this.#free.pop() ?? this.#make();
    if (this.#full.length === 1) this.#writeNext();
  }

  /** The last one that is filled finds no other: it comes back before it is needed, since `reserve` asks first. */
  #make(): Chunk {
    if (this.#unmade > 0) this.#unmade--;
    return makeChunk(this.#chunkBytes);
  }

  #writeNext(): void {
    const chunk = this.#full[0];
    if (chunk === undefined) return;
    this.#sink.write(chunk.bytes.subarray(0, chunk.length), (failure, writtenBytes) => {
      if (failure === undefined) this.#written(chunk);
      else this.#fail(failure, chunk, writtenBytes);
    });
  }

  #written(chunk: Chunk): void {
    this.#full.shift();
    this.#done++;
    chunk.length = 0;
    chunk.recordsFrom = 0;
    this.#free.push(chunk);
    this.#writeNext();
    if (this.#isHurried && this.#full.length === 0) {
      this.#isHurried = false;
      this.hurry();
    }
    this.#room.wake();
    this.#endFlushes(this.#done);
  }

  #fail(failure: TaplineError, chunk: Chunk, writtenBytes: number): void {
    this.#hasFailed = true;
    const waiting = [...this.#full.slice(1), this.chunk];
    this.#full.length = 0;
    this.#onFailure(failure, chunk, writtenBytes, waiting);
    this.chunk.length = 0;
    this.#room.wake();
    this.#endFlushes(Infinity);
  }

  #endFlushes(done: number): void {
    while (this.#flushes[0] !== undefined && this.#flushes[0].chunk <= done) this.#flushes.shift()?.resolve();
  }
}

function makeChunk(bytes: number): Chunk {
  const chunk = new Uint8Array(bytes);
  return { bytes: chunk, view: new DataView(chunk.buffer), length: 0, recordsFrom: 0 };
}
