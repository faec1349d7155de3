import { BATCH_COUNT, VERDICT_CONTINUE, VERDICT_DROP, VERDICT_REDIRECT } from '../../assembly/layout.ts';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import { type Bytes, copyBytes } from '../capture/copy.ts';
import { Clock, NANOSECONDS } from '../capture/timestamp.ts';
import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import { VERDICT_NAMES } from '../core/names.ts';
import { LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, portOf } from '../engine/records.ts';

/** What a recorder must know of its line. */
export interface RecorderHost {
  readonly arena: Arena;
  readonly batch: Batch;
  /** By number of the port. */
  readonly headerBytes: readonly number[];
  portName(number: number): string;
  reasonName(place: number): string;
}

/** More bytes than a packet of a line has. */
const PACKET_BYTES = 65_600;

/**
 * Captures everything that comes into a line, as it came in, and what became of it. The verdict is known last, and filters
 * may edit the frame before, so the packets of a batch are copied when they come in and written when they were judged.
 */
export class Recorder {
  readonly writer: CaptureWriter;
  readonly #host: RecorderHost;
  readonly #interfaceOf: readonly number[];
  readonly #isPatient: boolean;
  readonly #source: Bytes;
  #memory: Bytes = bytesOf(2 ** 16);
  #used = 0;
  /** Of the packets of the batch: where their copy begins and ends, and how long they were. */
  readonly #starts = new Uint32Array(BATCH_COUNT + 1);
  readonly #wireLengths = new Uint32Array(BATCH_COUNT);
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

  /**
   * @param interfaceOf index of the writer's interface by number of the port
   * @param isPatient whether the line waits for room instead of losing records: right where nothing comes in by itself
   */
  constructor(writer: CaptureWriter, host: RecorderHost, interfaceOf: readonly number[], isPatient: boolean) {
    this.writer = writer;
    this.#host = host;
    this.#interfaceOf = interfaceOf;
    this.#isPatient = isPatient;
    const { bytes, view } = host.arena;
    this.#source = { bytes, view };
  }

  /** Whether the line shall read nothing just now; `callback` is called when it may. */
  mustWait(callback: () => void): boolean {
    if (!this.#isPatient || this.writer.hasRoomFor(BATCH_COUNT, PACKET_BYTES)) return false;
    this.writer.awaitRoom(callback);
    return true;
  }

  /** Copies the packets that came in. Before any filter sees them. */
  take(inbound: Uint32Array, count: number): void {
    const { arena, batch, headerBytes } = this.#host;
    this.#used = 0;
    this.#next = 0;
    for (let i = 0; i < count; i++) {
      const word = i * RECORD_WORDS;
      const header = headerBytes[portOf(inbound[word + PORT_WORD] ?? 0)] ?? 0;
      const length = Math.max(0, (inbound[word + LENGTH_WORD] ?? 0) - header);
      const start = arena.address(inbound[word + SLOT_WORD] ?? 0) + (inbound[word + OFFSET_WORD] ?? 0) + header;
      this.#reserve(length);
      copyBytes(this.#source, start, this.#memory, this.#used, length);
      this.#starts[i] = this.#used;
      this.#wireLengths[i] = batch.wireLength(i);
      this.#used += length;
    }
    this.#starts[count] = this.#used;
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
      info.interface = this.#interfaceOf[batch.inPort(i)] ?? 0;
      info.wireLength = this.#wireLengths[place] ?? 0;
      info.comment = this.#partComment === '' ? this.#comment(i) : this.#partComment;
      this.#partComment = '';
      const start = this.#starts[place] ?? 0;
      this.writer.writeFrom(this.#memory, start, (this.#starts[place + 1] ?? 0) - start, info);
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

  /** A batch of super-packets has 16 MiB; most have a hundredth of it. */
  #reserve(length: number): void {
    const needed = this.#used + length;
    if (needed <= this.#memory.bytes.length) return;
    const larger = bytesOf(Math.max(needed, 2 * this.#memory.bytes.length));
    larger.bytes.set(this.#memory.bytes);
    this.#memory = larger;
  }
}

function bytesOf(length: number): Bytes {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
