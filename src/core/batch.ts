import * as L from '../../assembly/layout.ts';
import type { Arena } from './arena.ts';

const WORDS = L.RECORD_BYTES / 4;

/** The batch that lies in an arena: its records, as the engine's arrays of words, and the core's steps. */
export class Batch {
  readonly #arena: Arena;
  #count = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Copies the engine's records into the arena, so that the core reads what nobody changes any more, and dissects.
   *
   * @param clock performance.now() when they came in
   * @returns how many packets filters may see, or −1−i when record i points outside of its port's slots
   */
  admit(inbound: Uint32Array, count: number, clock = performance.now()): number {
    const { view, core } = this.#arena;
    this.#count = count;
    for (let i = 0; i < count * WORDS; i++) view.setUint32(L.INBOUND_OFFSET + 4 * i, inbound[i] ?? 0, true);
    writeWallClock(view, L.CONTROL_OFFSET + L.CONTROL_TIME, clock);
    return core.admit(count);
  }

  /** Gives packet `index` the time (nanoseconds since 1970, two words) and the wire length that a capture says it had. */
  stamp(index: number, timeLow: number, timeHigh: number, wireLength: number): void {
    const { view } = this.#arena;
    const descriptor = descriptorOf(index);
    view.setUint32(descriptor + L.DESCRIPTOR_TIME, timeLow, true);
    view.setUint32(descriptor + L.DESCRIPTOR_TIME + 4, timeHigh, true);
    view.setUint32(descriptor + L.DESCRIPTOR_WIRE_LENGTH, wireLength, true);
  }

  /** Capture time of packet `index`, the low 32 bits of its nanoseconds since 1970. */
  timeLow(index: number): number {
    return this.#arena.view.getUint32(descriptorOf(index) + L.DESCRIPTOR_TIME, true);
  }

  /** The high 32 bits. */
  timeHigh(index: number): number {
    return this.#arena.view.getUint32(descriptorOf(index) + L.DESCRIPTOR_TIME + 4, true);
  }

  /** Bytes of packet `index` on the wire, after the edits so far. */
  wireLength(index: number): number {
    return this.#arena.view.getUint32(descriptorOf(index) + L.DESCRIPTOR_WIRE_LENGTH, true);
  }

  /** Whether packet `index` is a segment behind which others of its super-packet come: all but the last lie in slots of
   * their own. */
  isPart(index: number): boolean {
    return this.#arena.isForSegments(this.#arena.view.getUint16(descriptorOf(index) + L.DESCRIPTOR_SLOT, true));
  }

  /** Number of the port by which packet `index` came in. */
  inPort(index: number): number {
    return this.#arena.view.getUint16(descriptorOf(index) + L.DESCRIPTOR_IN_PORT, true);
  }

  /** VERDICT_* of packet `index`, after `route`. */
  verdict(index: number): number {
    return this.#arena.view.getUint8(outcomeOf(index) + L.OUTCOME_VERDICT);
  }

  /** Why a packet with VERDICT_DROP was dropped: place in the line's table of reasons. */
  reason(index: number): number {
    return this.#arena.view.getUint16(outcomeOf(index) + L.OUTCOME_REASON, true) & ~L.REASON_BUILT_IN;
  }

  /** Where a packet with VERDICT_REDIRECT goes. */
  outPort(index: number): number {
    return this.#arena.view.getUint8(outcomeOf(index) + L.OUTCOME_OUT_PORT);
  }

  /** Packets of the batch that was admitted last. */
  get count(): number {
    return this.#count;
  }

  /** Index of the packet that stands at `position` in the list of active ones. */
  activeIndex(position: number): number {
    return this.#arena.view.getUint16(L.ACTIVE_OFFSET + position * L.INDEX_BYTES, true);
  }

  /** Takes in what a filter said of the active packets. Returns how many are still active. */
  settle(stage: number, active: number): number {
    return this.#arena.core.settle(stage, active);
  }

  /** Puts `aside` packets that a guard set aside back among the active ones. Returns how many are active then. */
  merge(active: number, aside: number): number {
    return this.#arena.core.merge(active, aside);
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
    if (this.#arena.core.mirror(index, slot, this.#mirrorPort(index)) !== 0) return false;
    this.#readRecord(L.CONTROL_OFFSET + L.CONTROL_COPY_RECORD, records, word);
    return true;
  }

  /** Segments in which a packet can be copied that `copy` refused with this `slot`; 0 when the copy cannot be made. */
  mirrorSegments(index: number, slot: number): number {
    const { core } = this.#arena;
    const needsSegments = L.REASON_BUILT_IN | L.REASON_NEEDS_SEGMENTATION;
    if (core.mirror(index, slot, this.#mirrorPort(index)) !== needsSegments) return 0;
    return core.segments(descriptorOf(index));
  }

  /** Makes one of them in `slot`, and its outbound record at `word` of `records`. Returns its bytes. */
  copySegment(index: number, number: number, slot: number, records: Uint32Array, word: number): number {
    this.#arena.core.mirrorSegment(index, number, slot, this.#mirrorPort(index));
    this.#readRecord(L.CONTROL_OFFSET + L.CONTROL_COPY_RECORD, records, word);
    return this.#arena.view.getUint32(L.COPY_DESCRIPTOR_OFFSET + L.DESCRIPTOR_LENGTH, true);
  }

  /** Takes packet `index`, which came without a virtio header, for a super-packet if it is TCP and longer than `mtu`. */
  inferSuper(index: number, mtu: number): void {
    this.#arena.core.inferSuper(index, mtu);
  }

  /** How many packets without offloads packet `index` becomes; 0: it is finished as it lies, or cannot be. */
  finishedCount(index: number): number {
    return this.#arena.core.finishedCount(index);
  }

  /** Makes one of them in the staging area, which holds nothing between two filters. Returns its bytes. */
  finishedCopy(index: number, number: number): number {
    return this.#arena.core.finishedCopy(index, number, this.#arena.staging);
  }

  /** How many of the active packets are super-packets. */
  supers(active: number): number {
    return this.#arena.core.supers(active);
  }

  /**
   * Finds the port of each packet and builds its virtio header.
   *
   * @returns `count`, or how many packets were routed before a super-packet that must be cut first
   */
  route(count: number): number {
    return this.#arena.core.route(count);
  }

  /** Copies the outbound record of packet `index` to `word` of `records`; false when the packet stays. */
  outbound(index: number, records: Uint32Array, word: number): boolean {
    const record = L.OUTBOUND_OFFSET + index * L.RECORD_BYTES;
    this.#readRecord(record, records, word);
    return (this.#arena.view.getUint32(record + L.RECORD_PORT, true) & L.RECORD_PORT_MASK) !== L.NO_PORT;
  }

  #mirrorPort(index: number): number {
    return this.#arena.view.getUint8(outcomeOf(index) + L.OUTCOME_MIRROR_PORT);
  }

  #readRecord(address: number, records: Uint32Array, word: number): void {
    const { view } = this.#arena;
    for (let i = 0; i < WORDS; i++) records[word + i] = view.getUint32(address + 4 * i, true);
  }
}

function descriptorOf(index: number): number {
  return L.DESCRIPTORS_OFFSET + index * L.DESCRIPTOR_BYTES;
}

function outcomeOf(index: number): number {
  return L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
}

/** Capture time in nanoseconds, of which microseconds are what the clock gives; in two words, without a BigInt per batch. */
function writeWallClock(view: DataView, address: number, clock: number): void {
  const microseconds = Math.round((performance.timeOrigin + clock) * 1000);
  const high = Math.floor(microseconds / 2 ** 32);
  const low = (microseconds - high * 2 ** 32) * 1000;
  view.setUint32(address, low, true);
  view.setUint32(address + 4, high * 1000 + Math.floor(low / 2 ** 32), true);
}
