import type { TaplineError } from '../errors.ts';
import type { Direction } from './captureReader.ts';
import { type Chunk, ChunkWriter } from './chunkWriter.ts';
import { CommentCache } from './commentCache.ts';
import { type Bytes, copyBytes } from './copy.ts';
import type { Encoder, InterfaceCounts, PacketHead, WrittenInterface } from './encoder.ts';
import { MAXIMUM_SNAP_LENGTH } from './pcapRecords.ts';
import type { ByteSink } from './sink.ts';
import { wholeRecords } from './salvage.ts';

/** What is to be said of a packet beside its bytes. */
export interface PacketInfo {
  /** Index of its interface. Default 0. */
  readonly interface?: number;
  /** Nanoseconds since 1970-01-01 UTC; or two numbers instead of it. Default: now. */
  readonly timeNs?: bigint;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  /** Bytes on the wire. Default: those that are given. */
  readonly wireLength?: number;
  readonly direction?: Direction;
  /** Text for people; pcap has no room for it. */
  readonly comment?: string;
}

/** What `createCapture` settles. */
export interface WriterLimits {
  readonly bufferBytes: number;
  readonly flushAfterMs: number;
  readonly onStop: ((error: TaplineError) => void) | undefined;
}

/** Longer than the longest record: 256 KiB of packet and 64 KiB of comment. */
const CHUNK_BYTES = 2 ** 19;

/** More than a record has beside its packet, with a comment of the length that verdicts have. */
const RECORD_OVERHEAD_BYTES = 512;

/** Bits of epb_flags. */
const DIRECTION_FLAGS = { inbound: 1, outbound: 2 } as const;

/**
 * A capture that is being written. Packets are copied into chunks; the event loop hands these to the disk or the pipe. When
 * that is too slow, or fails, packets are not captured, and counted as such: a capture never holds up a line.
 */
export class CaptureWriter {
  /** What messages call the capture. */
  readonly name: string;
  /** Packets that were captured. After a failure: those that are whole in the file. */
  written = 0;
  /** Packets that were not: there was no room, or the capture had stopped. */
  notCaptured = 0;
  /** Why the capture stopped before it was closed. */
  failure: TaplineError | undefined;

  readonly #sink: ByteSink;
  readonly #encoder: Encoder;
  readonly #chunks: ChunkWriter;
  readonly #snapLengths: readonly number[];
  readonly #counts: readonly InterfaceCounts[];
  readonly #limits: WriterLimits;
  /** The packet that is written just now. */
  readonly #head: PacketHead = {
    interface: 0,
    seconds: 0,
    nanoseconds: 0,
    length: 0,
    wireLength: 0,
    flags: 0,
    comment: null,
  };
  readonly #comments = new CommentCache();
  #timer: NodeJS.Timeout | undefined;
  /** Whether somebody was told of the failure. */
  #isReported = false;
  #closing: Promise<void> | undefined;

  /** `createCapture` makes one. */
  constructor(
    name: string,
    sink: ByteSink,
    encoder: Encoder,
    interfaces: readonly WrittenInterface[],
    limits: WriterLimits,
  ) {
    this.name = name;
    this.#sink = sink;
    this.#encoder = encoder;
    this.#limits = limits;
    this.#snapLengths = interfaces.map(({ snapLength = MAXIMUM_SNAP_LENGTH }) => snapLength);
    this.#counts = interfaces.map(() => ({ seconds: 0, nanoseconds: 0, received: 0, dropped: 0 }));
    this.#chunks = new ChunkWriter(sink, Math.floor(limits.bufferBytes / CHUNK_BYTES), CHUNK_BYTES, this.#stop);
    this.#chunks.append(encoder.begin());
  }

  /** The capture takes no more packets: it failed, or was closed. */
  get isStopped(): boolean {
    return this.failure !== undefined || this.#closing !== undefined;
  }

  /**
   * Copies a packet into the capture; what exceeds the interface's snapLength is cut off.
   *
   * @returns false when it was not captured: there is no room just now, or never again
   * @throws {RangeError} when there is no such interface
   */
  write(packet: Uint8Array, info: PacketInfo): boolean {
    const at = this.#begin(packet.length, info, false);
    if (at < 0) return false;
    const { length } = this.#head;
    this.#chunks.chunk.bytes.set(length === packet.length ? packet : packet.subarray(0, length), at);
    this.#commit();
    return true;
  }

  /**
   * The same for a packet that lies in a larger memory; nothing is allocated.
   *
   * @param isPatient a packet for which there is no room just now is not counted, since it will be offered again: see
   *   `awaitRoom`
   */
  writeFrom(memory: Bytes, offset: number, length: number, info: PacketInfo, isPatient = false): boolean {
    const at = this.#begin(length, info, isPatient);
    if (at < 0) return false;
    copyBytes(memory, offset, this.#chunks.chunk, at, this.#head.length);
    this.#commit();
    return true;
  }

  /** Whether `count` packets of up to `bytes` bytes each surely find room now; also true when there never will be any. */
  hasRoomFor(count: number, bytes: number): boolean {
    return this.isStopped || this.#chunks.hasRoomFor(count, bytes + RECORD_OVERHEAD_BYTES);
  }

  /** Calls back once, from the event loop, when there is room again, or there never will be. */
  awaitRoom(callback: () => void): void {
    if (this.isStopped) setImmediate(callback);
    else this.#chunks.awaitRoom(callback);
  }

  /**
   * Hands everything that was captured so far to the system.
   *
   * @throws {TaplineError} why the capture stopped, if nobody was told yet
   */
  async flush(): Promise<void> {
    await this.#chunks.flush();
    this.#report();
  }

  /**
   * Ends the capture: what is there is written, then the counters of its interfaces. Idempotent.
   *
   * @throws {TaplineError} why the capture stopped, if nobody was told yet
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Writes all of a record but the packet. Returns where that belongs, or −1 when it is not captured. */
  #begin(length: number, info: PacketInfo, isPatient: boolean): number {
    const head = this.#head;
    const { interface: id = 0, wireLength = length, direction = null, comment = '' } = info;
    const snapLength = this.#snapLengths[id];
    if (snapLength === undefined) throw new RangeError(`There is no interface ${id} in ${this.name}`);
    head.interface = id;
    takeTime(head, info);
    head.length = Math.min(length, snapLength);
    head.wireLength = Math.max(length, wireLength);
    head.flags = direction === null ? 0 : DIRECTION_FLAGS[direction];
    head.comment = comment === '' ? null : this.#comments.utf8(comment);
    const recordBytes = this.#encoder.recordBytes(head);
    if (this.isStopped || !this.#chunks.reserve(recordBytes)) {
      if (!isPatient || this.isStopped) this.#count(false);
      return -1;
    }
    const { chunk } = this.#chunks;
    const at = this.#encoder.encode(chunk.view, chunk.length, head);
    chunk.length += recordBytes;
    return at;
  }

  #commit(): void {
    this.#count(true);
    this.#timer ??= setTimeout(this.#onTimer, this.#limits.flushAfterMs);
  }

  #count(isWritten: boolean): void {
    const { interface: id, seconds, nanoseconds } = this.#head;
    const counts = this.#counts[id];
    if (counts === undefined) return;
    counts.received++;
    counts.seconds = seconds;
    counts.nanoseconds = nanoseconds;
    if (isWritten) {
      this.written++;
    } else {
      this.notCaptured++;
      counts.dropped++;
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#chunks.hurry();
  };

  /** The sink failed. The packets that are whole in the file stay, so that it can be read; the others were not captured. */
  readonly #stop = (failure: TaplineError, chunk: Chunk, writtenBytes: number, waiting: readonly Chunk[]): void => {
    this.failure = failure;
    clearTimeout(this.#timer);
    const salvaged = wholeRecords(this.#encoder, chunk, writtenBytes);
    const count = (each: Chunk): number => wholeRecords(this.#encoder, each, each.length).records;
    const lost = [chunk, ...waiting].reduce((sum, each) => sum + count(each), -salvaged.records);
    this.written -= lost;
    this.notCaptured += lost;
    this.#sink.takeBack(writtenBytes - salvaged.bytes);
    const { onStop } = this.#limits;
    if (onStop === undefined || this.#isReported) return;
    this.#isReported = true;
    onStop(failure);
  };

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#chunks.flush();
    if (this.failure === undefined) {
      this.#chunks.append(this.#encoder.end(this.#counts));
      await this.#chunks.flush();
    }
    await this.#sink.close();
    this.#report();
  }

  #report(): void {
    if (this.failure === undefined || this.#isReported) return;
    this.#isReported = true;
    throw this.failure;
  }
}

function takeTime(head: PacketHead, { timeNs, seconds, nanoseconds = 0 }: PacketInfo): void {
  if (seconds !== undefined) {
    head.seconds = seconds;
    head.nanoseconds = nanoseconds;
    return;
  }
  const time = timeNs ?? BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  const second = time / 1_000_000_000n - (time < 0n ? 1n : 0n);
  head.seconds = Number(second);
  head.nanoseconds = Number(time - second * 1_000_000_000n);
}
