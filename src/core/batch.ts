import * as L from '../../assembly/layout.ts';
import type { Arena } from './arena.ts';

const WORDS = L.RECORD_BYTES / 4;

/** The batch that lies in an arena: its records, as the engine's arrays of words, and the core's steps. */
export class Batch {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Copies the engine's records into the arena, so that the core reads what nobody changes any more, and dissects.
   *
   * @returns how many packets filters may see, or −1−i when record i points outside of its port's slots
   */
  admit(inbound: Uint32Array, count: number): number {
    const { view, core } = this.#arena;
    for (let i = 0; i < count * WORDS; i++) view.setUint32(L.INBOUND_OFFSET + 4 * i, inbound[i] ?? 0, true);
    view.setBigUint64(L.CONTROL_OFFSET + L.CONTROL_TIME, wallClockNs(), true);
    return core.admit(count);
  }

  /** Index of the packet that stands at `position` in the list of active ones. */
  activeIndex(position: number): number {
    return this.#arena.view.getUint16(L.ACTIVE_OFFSET + position * L.INDEX_BYTES, true);
  }

  /** Takes in what a filter said of the active packets. Returns how many are still active. */
  settle(stage: number, active: number): number {
    return this.#arena.core.settle(stage, active);
  }

  /** Packets of which the filter that was settled last wants a copy. */
  get mirrorCount(): number {
    return this.#arena.view.getUint32(L.CONTROL_OFFSET + L.CONTROL_MIRRORS, true);
  }

  /** Index of the packet that stands at `position` among them. */
  mirrorIndex(position: number): number {
    return this.#arena.view.getUint16(L.MIRRORS_OFFSET + position * L.INDEX_BYTES, true);
  }

  /** Copies a packet into `slot`, and its outbound record to `word` of `records`; false when it cannot be sent there. */
  copy(index: number, slot: number, records: Uint32Array, word: number): boolean {
    const port = this.#arena.view.getUint8(L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES + L.OUTCOME_MIRROR_PORT);
    if (this.#arena.core.mirror(index, slot, port) !== 0) return false;
    this.#readRecord(L.CONTROL_OFFSET + L.CONTROL_COPY_RECORD, records, word);
    return true;
  }

  /** Finds the port of each packet and builds its virtio header. */
  route(count: number): void {
    this.#arena.core.route(count);
  }

  /** Copies the outbound record of packet `index` to `word` of `records`; false when the packet stays. */
  outbound(index: number, records: Uint32Array, word: number): boolean {
    const record = L.OUTBOUND_OFFSET + index * L.RECORD_BYTES;
    this.#readRecord(record, records, word);
    return (this.#arena.view.getUint32(record + L.RECORD_PORT, true) & L.RECORD_PORT_MASK) !== L.NO_PORT;
  }

  #readRecord(address: number, records: Uint32Array, word: number): void {
    const { view } = this.#arena;
    for (let i = 0; i < WORDS; i++) records[word + i] = view.getUint32(address + 4 * i, true);
  }
}

/** Capture time: microseconds are what the clock gives. One BigInt per batch. */
function wallClockNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
