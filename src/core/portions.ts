import * as L from '../../assembly/layout.ts';
import type { Arena } from './arena.ts';

/** What becomes of the packets that are set aside. */
export const portionKinds = {
  /** Super-packets are cut that leave by a port that does not take them. */
  forPorts: L.PORTION_FOR_PORTS,
  /** So are all that go on to the next filter. */
  forFilters: L.PORTION_FOR_FILTERS,
} as const;

export type PortionKind = keyof typeof portionKinds;

/**
 * Packets of a batch that wait while super-packets among them are cut. They come back in portions, in the old order and
 * with segments in the place of super-packets; each portion is a batch like any other.
 */
export class Portions {
  /** Packets of the portion at hand that filters may see. */
  active = 0;
  /** Packets of the portion at hand beyond those that were read: a super-packet becomes its last segment. */
  made = 0;
  /** Whether packets are still to come back. */
  isPending = false;
  kind: PortionKind = 'forPorts';

  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Sets packets `from` … `count` − 1 of the batch aside. */
  begin(kind: PortionKind, from: number, count: number): void {
    this.#arena.core.setAside(from, count);
    this.kind = kind;
    this.isPending = true;
  }

  /** Makes a batch of the next packets. Returns how many: at least one. */
  next(): number {
    this.#fillStock();
    return this.#take(portionKinds[this.kind]);
  }

  /** Makes a batch of the next packets, all dropped with reason `closed`. */
  abandon(): number {
    return this.#take(L.PORTION_CLOSED);
  }

  /** Gives the slots that are kept ready for segments back to their pool. */
  close(): void {
    for (; this.#stock > 0; this.#stock--) {
      this.#arena.release(this.#arena.view.getUint16(L.STOCK_OFFSET + (this.#stock - 1) * L.INDEX_BYTES, true));
    }
  }

  #take(kind: number): number {
    const count = this.#arena.core.portion(kind);
    this.active = this.#number(L.ASIDE_ACTIVE);
    this.made = this.#number(L.ASIDE_MADE);
    this.isPending = this.#number(L.ASIDE_NEXT) < this.#number(L.ASIDE_COUNT);
    return count;
  }

  /** Slots go into a list of which the core takes from the end. What is left of it serves the next portion. */
  #fillStock(): void {
    while (this.#stock < L.BATCH_COUNT) {
      const slot = this.#arena.takeForSegment();
      if (slot < 0) return;
      this.#arena.view.setUint16(L.STOCK_OFFSET + this.#stock * L.INDEX_BYTES, slot, true);
      this.#stock++;
    }
  }

  get #stock(): number {
    return this.#number(L.ASIDE_STOCK);
  }

  set #stock(count: number) {
    this.#arena.view.setUint32(L.ASIDE_OFFSET + L.ASIDE_STOCK, count, true);
  }

  #number(field: number): number {
    return this.#arena.view.getUint32(L.ASIDE_OFFSET + field, true);
  }
}
