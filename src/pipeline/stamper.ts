import { BATCH_COUNT } from '../../assembly/layout.ts';
import type { Batch } from '../core/batch.ts';
import {
  IN_PORT_WORD,
  STAMP_WORDS,
  type Stamped,
  TIME_HIGH_WORD,
  TIME_LOW_WORD,
  VERDICT_MIRROR,
  VERDICT_SHIFT,
  WIRE_LENGTH_WORD,
  stampArray,
} from '../engine/captureStamps.ts';
import { PORT_WORD, RECORD_WORDS, portOf } from '../engine/records.ts';

/** Carries times and wire lengths of captures from the engine into descriptors, and back. */
export class Stamper {
  readonly #engine: Stamped;
  readonly #batch: Batch;
  readonly #isFile: readonly boolean[];
  readonly #mtus: readonly (number | undefined)[];
  /** Stamps of the copies that wait to be sent. */
  readonly #copies = stampArray(BATCH_COUNT);
  /** Capture time of the first packet, in two words. */
  #first: readonly [high: number, low: number] | undefined;
  #now = 0;

  /**
   * @param isFile by number of the port, whether a file is read there: the stamps of others say nothing
   * @param mtus by number of the port, beyond how many bytes a packet of its file was a super-packet
   */
  constructor(engine: Stamped, batch: Batch, isFile: readonly boolean[], mtus: readonly (number | undefined)[] = []) {
    this.#mtus = mtus;
    this.#engine = engine;
    this.#batch = batch;
    this.#isFile = isFile;
  }

  /** Gives the packets that were admitted what their files say of them. */
  takeIn(inbound: Uint32Array, count: number): void {
    const stamps = this.#engine.inboundStamps;
    for (let i = 0; i < count; i++) {
      if (this.#isFile[portOf(inbound[i * RECORD_WORDS + PORT_WORD] ?? 0)] !== true) continue;
      const stamp = i * STAMP_WORDS;
      const low = stamps[stamp + TIME_LOW_WORD] ?? 0;
      const high = stamps[stamp + TIME_HIGH_WORD] ?? 0;
      this.#batch.stamp(i, low, high, stamps[stamp + WIRE_LENGTH_WORD] ?? 0);
    }
  }

  /** Makes super-packets again of the packets that were some. */
  inferSupers(inbound: Uint32Array, count: number): void {
    if (this.#mtus.length === 0) return;
    for (let i = 0; i < count; i++) {
      const mtu = this.#mtus[portOf(inbound[i * RECORD_WORDS + PORT_WORD] ?? 0)];
      if (mtu !== undefined) this.#batch.inferSuper(i, mtu);
    }
  }

  /** Nanoseconds between the captures of the first packet of all and the last of `count`; never less than before. */
  now(count: number): number {
    const [high, low] = [this.#batch.timeHigh(count - 1), this.#batch.timeLow(count - 1)];
    this.#first ??= [this.#batch.timeHigh(0), this.#batch.timeLow(0)];
    this.#now = Math.max(this.#now, (high - this.#first[0]) * 2 ** 32 + (low - this.#first[1]));
    return this.#now;
  }

  /** Stamps outbound record `record`, which is that of packet `index`. */
  putOut(index: number, record: number): void {
    this.#write(this.#engine.outboundStamps, record, index, this.#batch.verdict(index));
  }

  /** Remembers the stamp of copy `copy`, which is made of packet `index`, or of a segment of it, just now. */
  putCopy(index: number, copy: number, wireLength = this.#batch.wireLength(index)): void {
    this.#write(this.#copies, copy, index, VERDICT_MIRROR);
    this.#copies[copy * STAMP_WORDS + WIRE_LENGTH_WORD] = wireLength;
  }

  /** Stamps the first `count` outbound records, which are the copies. */
  putOutCopies(count: number): void {
    const { outboundStamps } = this.#engine;
    for (let word = 0; word < count * STAMP_WORDS; word++) outboundStamps[word] = this.#copies[word] ?? 0;
  }

  #write(stamps: Uint32Array, record: number, index: number, verdict: number): void {
    const stamp = record * STAMP_WORDS;
    const batch = this.#batch;
    stamps[stamp + TIME_LOW_WORD] = batch.timeLow(index);
    stamps[stamp + TIME_HIGH_WORD] = batch.timeHigh(index);
    stamps[stamp + WIRE_LENGTH_WORD] = batch.wireLength(index);
    stamps[stamp + IN_PORT_WORD] = batch.inPort(index) | (verdict << VERDICT_SHIFT);
  }
}
