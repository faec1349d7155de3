import { BATCH_COUNT } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import { RECORD_WORDS, recordArray } from '../engine/records.ts';
import type { Stamper } from './stamper.ts';
import type { LineTally } from './tally.ts';

/** Segments of one mirrored super-packet, at most: they are made at once, while the line waits. */
const SEGMENT_LIMIT = 8 * BATCH_COUNT;

/** Copies of mirrored packets on their way out. A mirror is a copy at its stage, before later edits. */
export class Mirrors {
  /** Records of copies that wait to be sent. */
  readonly records = recordArray(BATCH_COUNT);
  count = 0;

  readonly #arena: Arena;
  readonly #batch: Batch;
  readonly #tally: LineTally;
  readonly #stamper: Stamper | undefined;
  readonly #send: () => void;

  /** @param send hands `count` records to the engine and sets `count` to 0 */
  constructor(arena: Arena, batch: Batch, tally: LineTally, stamper: Stamper | undefined, send: () => void) {
    this.#arena = arena;
    this.#batch = batch;
    this.#tally = tally;
    this.#stamper = stamper;
    this.#send = send;
  }

  /** Copies the packets of which the filter that was settled last wants a copy. */
  takeMirrored(): void {
    const count = this.#batch.mirrorCount;
    for (let i = 0; i < count; i++) this.#take(this.#batch.mirrorIndex(i));
  }

  #take(index: number): void {
    if (this.count === BATCH_COUNT) this.#send();
    const slot = this.#arena.takeForCopy();
    if (slot >= 0 && this.#batch.copy(index, slot, this.records, this.count * RECORD_WORDS)) {
      this.#stamper?.putCopy(index, this.count);
      this.count++;
      return;
    }
    const segments = slot < 0 ? 0 : this.#batch.mirrorSegments(index, slot);
    if (slot >= 0) this.#arena.release(slot);
    if (segments === 0 || segments > SEGMENT_LIMIT) this.#tally.mirrorsLost++;
    else this.#takeSegments(index, segments);
  }

  /** The port does not take the super-packet: it gets segments. What is left when no slot is free counts as one. */
  #takeSegments(index: number, segments: number): void {
    for (let number = 0; number < segments; number++) {
      if (this.count === BATCH_COUNT) this.#send();
      let slot = this.#arena.takeForSegment();
      if (slot < 0 && this.count > 0) {
        this.#send();
        slot = this.#arena.takeForSegment();
      }
      if (slot < 0) {
        this.#tally.mirrorsLost++;
        return;
      }
      const length = this.#batch.copySegment(index, number, slot, this.records, this.count * RECORD_WORDS);
      this.#stamper?.putCopy(index, this.count, length);
      this.count++;
    }
  }
}
