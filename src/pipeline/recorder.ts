import { BATCH_COUNT, VERDICT_CONTINUE, VERDICT_DROP, VERDICT_REDIRECT } from '../../assembly/layout.ts';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import type { Bytes } from '../capture/copy.ts';
import { Clock, NANOSECONDS } from '../capture/timestamp.ts';
import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import { VERDICT_NAMES } from '../core/names.ts';
import { LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, portOf } from '../engine/records.ts';
import { RecordedBatch } from './recordedBatch.ts';

/** What a recorder must know of its line. */
export interface RecorderHost {
  readonly arena: Arena;
  readonly batch: Batch;
  /** By number of the port. */
  readonly headerBytes: readonly number[];
  portName(number: number): string;
  reasonName(place: number): string;
}

/** How it records. */
export interface RecorderOptions {
  /** Index of the writer's interface by number of the port. */
  readonly interfaceOf: readonly number[];
  /** Whether the line waits for room instead of losing records: right where nothing comes in by itself. */
  readonly isPatient: boolean;
  /** Whether super-packets are cut, and checksums completed that are left to the kernel. */
  readonly isCut: boolean;
}

/** More bytes than a packet of a line has. */
const PACKET_BYTES = 65_600;
/** Segments of one super-packet, at most: they are made at once, while the line waits. One with more is recorded whole. */
const SEGMENT_LIMIT = 8 * BATCH_COUNT;

/**
 * Captures everything that comes into a line, as it came in, and what became of it. The verdict is known last, and filters
 * may edit the frame before, so the packets of a batch are copied when they come in and written when they were judged.
 */
export class Recorder {
  readonly writer: CaptureWriter;
  readonly #host: RecorderHost;
  readonly #options: RecorderOptions;
  readonly #source: Bytes;
  readonly #copies = new RecordedBatch();
  /** Place among them of the packet that is written next. */
  #next = 0;
  /** What became of the first dropped segment of a super-packet of which others are still to come. */
  #partComment = '';
  readonly #clock = new Clock(NANOSECONDS);
  readonly #info = { interface: 0, seconds: 0, nanoseconds: 0, wireLength: 0, direction: 'inbound', comment: '' } as {
    interface: number;
    seconds: number;
    nanoseconds: number;
    wireLength: number;
    direction: 'inbound';
    comment: string;
  };
  /** Comments by what follows the verdict's name. */
  readonly #comments = VERDICT_NAMES.map(() => new Map<string, string>());

  constructor(writer: CaptureWriter, host: RecorderHost, options: RecorderOptions) {
    this.writer = writer;
    this.#host = host;
    this.#options = options;
    const { bytes, view } = host.arena;
    this.#source = { bytes, view };
  }

  /** Whether the line shall read nothing just now; `callback` is called when it may. */
  mustWait(callback: () => void): boolean {
    if (!this.#options.isPatient || this.writer.hasRoomFor(BATCH_COUNT, PACKET_BYTES)) return false;
    this.writer.awaitRoom(callback);
    return true;
  }

  /** Copies the packets that came in. Before any filter sees them. */
  take(inbound: Uint32Array, count: number): void {
    this.#copies.clear();
    this.#next = 0;
    for (let i = 0; i < count; i++) {
      const segments = this.#options.isCut ? this.#host.batch.finishedCount(i) : 0;
      if (segments === 0 || segments > SEGMENT_LIMIT) this.#takeWhole(inbound, i);
      else this.#takeFinished(i, segments);
      this.#copies.endPacket();
    }
  }

  #takeWhole(inbound: Uint32Array, index: number): void {
    const { arena, batch, headerBytes } = this.#host;
    const word = index * RECORD_WORDS;
    const header = headerBytes[portOf(inbound[word + PORT_WORD] ?? 0)] ?? 0;
    const length = Math.max(0, (inbound[word + LENGTH_WORD] ?? 0) - header);
    const start = arena.address(inbound[word + SLOT_WORD] ?? 0) + (inbound[word + OFFSET_WORD] ?? 0) + header;
    this.#copies.add(this.#source, start, length, batch.wireLength(index));
  }

  #takeFinished(index: number, count: number): void {
    const { arena, batch } = this.#host;
    for (let number = 0; number < count; number++) {
      const length = batch.finishedCopy(index, number);
      this.#copies.add(this.#source, arena.staging, length, length);
    }
  }

  /**
   * Writes them, when they were judged and routed: `count` packets of the batch, which may be those of a portion. A
   * super-packet is written when its last segment is there, with what became of the first that was dropped, or of the last.
   */
  write(count: number): void {
    const { batch } = this.#host;
    const info = this.#info;
    for (let i = 0; i < count; i++) {
      if (batch.isPart(i)) {
        if (this.#partComment === '' && batch.verdict(i) === VERDICT_DROP) this.#partComment = this.#comment(i);
        continue;
      }
      const place = this.#next++;
      this.#clock.read(info, batch.timeHigh(i), batch.timeLow(i));
      info.interface = this.#options.interfaceOf[batch.inPort(i)] ?? 0;
      info.comment = this.#partComment === '' ? this.#comment(i) : this.#partComment;
      this.#partComment = '';
      this.#writePieces(place);
    }
  }

  #writePieces(place: number): void {
    const copies = this.#copies;
    const end = copies.firstPiece(place + 1);
    for (let piece = copies.firstPiece(place); piece < end; piece++) {
      this.#info.wireLength = copies.wireLength(piece);
      const start = copies.start(piece);
      this.writer.writeFrom(copies.memory, start, copies.start(piece + 1) - start, this.#info);
    }
  }

  /** `drop: telnet`, `redirect: wan`, `reflect`, `accept`; nothing for a packet that every filter let go on. */
  #comment(index: number): string {
    const { batch } = this.#host;
    const verdict = batch.verdict(index);
    if (verdict === VERDICT_CONTINUE) return '';
    if (verdict === VERDICT_DROP) return this.#said(verdict, this.#host.reasonName(batch.reason(index)));
    if (verdict === VERDICT_REDIRECT) return this.#said(verdict, this.#host.portName(batch.outPort(index)));
    return VERDICT_NAMES[verdict] ?? '';
  }

  #said(verdict: number, why: string): string {
    const known = this.#comments[verdict]?.get(why);
    if (known !== undefined) return known;
    const comment = `${VERDICT_NAMES[verdict] ?? ''}: ${why}`;
    this.#comments[verdict]?.set(why, comment);
    return comment;
  }
}
