import { BATCH_COUNT, VERDICT_ACCEPT, VERDICT_REDIRECT, VERDICT_REFLECT } from '../../assembly/layout.ts';
import type { CaptureWriter } from '../capture/captureWriter.ts';
import type { Bytes } from '../capture/copy.ts';
import { Clock, NANOSECONDS } from '../capture/timestamp.ts';
import { errnos } from '../sys/errno.ts';
import type { SlotSource } from './engine.ts';
import { LENGTH_WORD, OFFSET_WORD, RECORD_WORDS, SLOT_WORD, recordArray } from './records.ts';
import {
  IN_PORT_MASK,
  IN_PORT_WORD,
  STAMP_WORDS,
  TIME_HIGH_WORD,
  TIME_LOW_WORD,
  VERDICT_MIRROR,
  VERDICT_SHIFT,
  WIRE_LENGTH_WORD,
  stampArray,
} from './captureStamps.ts';

/** Records that wait for a slow disk, at most: as many as two batches; beyond that they are lost. */
export const BACKLOG_COUNT = 2 * BATCH_COUNT;
/** The record waits; its completion comes later. */
const WAITS = -1;

/** What is said of a packet that came by more than its route, by verdict. */
const comments: readonly string[] = Object.assign(Array<string>(VERDICT_MIRROR + 1).fill(''), {
  [VERDICT_ACCEPT]: 'accept',
  [VERDICT_REFLECT]: 'reflect',
  [VERDICT_REDIRECT]: 'redirect',
  [VERDICT_MIRROR]: 'mirror',
});

/** Takes the completion of the record at `word` of `records`. */
export type Complete = (records: Uint32Array, word: number, errno: number) => void;

/** A capture file as the target of a port's packets. */
export class CaptureOutput {
  readonly #writer: CaptureWriter;
  readonly #slots: SlotSource;
  readonly #memory: Bytes;
  readonly #isPatient: boolean;
  readonly #interfaceOf: readonly (number | undefined)[];
  readonly #tell: () => void;
  readonly #headerBytes: number;
  readonly #info: MutableInfo = {
    interface: 0,
    seconds: 0,
    nanoseconds: 0,
    wireLength: 0,
    direction: null,
    comment: '',
  };
  readonly #clock = new Clock(NANOSECONDS);
  #records = recordArray(0);
  #stamps = stampArray(0);
  /** Where the first of those that wait stands, and how many there are. */
  #first = 0;
  #count = 0;

  /**
   * @param isPatient whether records wait when the writer has no room, instead of being lost
   * @param interfaceOf index of the writer's interface by number of the port by which a packet came in; default 0
   * @param headerBytes what stands before each frame and is no part of the packet
   * @param tell asks for another turn; may be called from inside of one
   */
  constructor(
    writer: CaptureWriter,
    isPatient: boolean,
    interfaceOf: readonly (number | undefined)[],
    headerBytes: number,
    slots: SlotSource,
    memory: Bytes,
    tell: () => void,
  ) {
    this.#writer = writer;
    this.#isPatient = isPatient;
    this.#interfaceOf = interfaceOf;
    this.#headerBytes = headerBytes;
    this.#slots = slots;
    this.#memory = memory;
    this.#tell = tell;
    if (isPatient) {
      this.#records = recordArray(BACKLOG_COUNT);
      this.#stamps = stampArray(BACKLOG_COUNT);
    }
  }

  /** Records that have no completion yet. */
  get pendingCount(): number {
    return this.#count;
  }

  /** Writes a packet, or lets it wait behind those that do, or completes it as lost. */
  write(records: Uint32Array, word: number, stamps: Uint32Array, stamp: number, complete: Complete): void {
    const errno = this.#count > 0 ? WAITS : this.#copy(records, word, stamps, stamp);
    if (errno !== WAITS) complete(records, word, errno);
    else if (this.#count === BACKLOG_COUNT) complete(records, word, errnos.ENOBUFS);
    else this.#postpone(records, word, stamps, stamp);
  }

  /** Writes what waits, as far as there is room. */
  drain(complete: Complete): void {
    while (this.#count > 0) {
      const word = this.#first * RECORD_WORDS;
      const errno = this.#copy(this.#records, word, this.#stamps, this.#first * STAMP_WORDS);
      if (errno === WAITS) {
        this.#writer.awaitRoom(this.#tell);
        return;
      }
      this.#remove(complete, errno);
    }
  }

  /** Gives up what waits. */
  cancel(complete: Complete): void {
    while (this.#count > 0) this.#remove(complete, errnos.ECANCELED);
  }

  #postpone(records: Uint32Array, word: number, stamps: Uint32Array, stamp: number): void {
    const index = (this.#first + this.#count++) % BACKLOG_COUNT;
    for (let i = 0; i < RECORD_WORDS; i++) this.#records[index * RECORD_WORDS + i] = records[word + i] ?? 0;
    for (let i = 0; i < STAMP_WORDS; i++) this.#stamps[index * STAMP_WORDS + i] = stamps[stamp + i] ?? 0;
    if (this.#count === 1) this.#writer.awaitRoom(this.#tell);
  }

  #remove(complete: Complete, errno: number): void {
    complete(this.#records, this.#first * RECORD_WORDS, errno);
    this.#first = (this.#first + 1) % BACKLOG_COUNT;
    this.#count--;
  }

  /** Returns 0, an errno, or WAITS. */
  #copy(records: Uint32Array, word: number, stamps: Uint32Array, stamp: number): number {
    const info = this.#info;
    const origin = stamps[stamp + IN_PORT_WORD] ?? 0;
    const id = this.#interfaceOf[origin & IN_PORT_MASK];
    info.comment = comments[origin >>> VERDICT_SHIFT] ?? '';
    info.interface = id ?? 0;
    info.direction = id === undefined ? null : 'inbound';
    info.wireLength = stamps[stamp + WIRE_LENGTH_WORD] ?? 0;
    this.#clock.read(info, stamps[stamp + TIME_HIGH_WORD] ?? 0, stamps[stamp + TIME_LOW_WORD] ?? 0);
    const headerBytes = this.#headerBytes;
    const start = this.#slots.address(records[word + SLOT_WORD] ?? 0) + (records[word + OFFSET_WORD] ?? 0);
    const address = start + headerBytes;
    const length = Math.max(0, (records[word + LENGTH_WORD] ?? 0) - headerBytes);
    if (this.#writer.writeFrom(this.#memory, address, length, info, this.#isPatient)) return 0;
    if (!this.#writer.isStopped) return this.#isPatient ? WAITS : errnos.ENOBUFS;
    return this.#writer.failure?.errno ?? errnos.EBADF;
  }
}

interface MutableInfo {
  interface: number;
  seconds: number;
  nanoseconds: number;
  wireLength: number;
  direction: 'inbound' | null;
  comment: string;
}
