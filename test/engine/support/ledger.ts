import { Arena } from '../../../src/core/arena.ts';
import type { SlotSource } from '../../../src/engine/engine.ts';

/** Who has a slot. */
export type Owner = 'pool' | 'reading' | 'line' | 'writing';

const OWNERS: readonly Owner[] = ['pool', 'reading', 'line', 'writing'];

/** An arena that knows at every moment who owns each slot, and holds every change of hands against that. */
export class Ledger implements SlotSource {
  readonly arena: Arena;
  readonly bytes: Uint8Array;
  readonly slotCount: number;
  readonly #owners: Uint8Array;
  readonly #counts = new Uint32Array(OWNERS.length);

  constructor(slots: number, frameBytes: number) {
    const plan = { link: 1, headerBytes: 0, frameBytes, slots, offloads: 0 } as const;
    this.arena = new Arena([0, 1].map((port) => ({ ...plan, port })));
    this.bytes = this.arena.bytes;
    this.slotCount = this.arena.slotCount;
    this.#owners = new Uint8Array(this.slotCount);
    this.#counts[0] = this.slotCount;
  }

  count(owner: Owner): number {
    return this.#counts[OWNERS.indexOf(owner)] ?? -1;
  }

  /** @throws {Error} when `from` does not own the slot */
  move(slot: number, from: Owner, to: Owner): void {
    const [now, next] = [OWNERS.indexOf(from), OWNERS.indexOf(to)];
    if (this.#owners[slot] !== now) {
      throw new Error(`Slot ${slot} goes from ${from} to ${to}, and ${OWNERS[this.#owners[slot] ?? -1]} has it`);
    }
    this.#owners[slot] = next;
    this.#counts[now] = (this.#counts[now] ?? 0) - 1;
    this.#counts[next] = (this.#counts[next] ?? 0) + 1;
  }

  /** The engine takes. */
  take(port: number): number {
    const slot = this.arena.take(port);
    if (slot >= 0) this.move(slot, 'pool', 'reading');
    return slot;
  }

  /** The engine gives back what it took. */
  release(slot: number): void {
    this.move(slot, 'reading', 'pool');
    this.arena.release(slot);
  }

  /** The line gives back. */
  drop(slot: number): void {
    this.move(slot, 'line', 'pool');
    this.arena.release(slot);
  }

  awaitSlot(port: number, callback: () => void): void {
    this.arena.awaitSlot(port, callback);
  }

  address(slot: number): number {
    return this.arena.address(slot);
  }

  stride(slot: number): number {
    return this.arena.stride(slot);
  }

  readOffset(port: number): number {
    return this.arena.readOffset(port);
  }

  readBytes(port: number): number {
    return this.arena.readBytes(port);
  }
}
