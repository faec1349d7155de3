import * as L from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import { ArenaLayout, type PoolPlace, type PoolPlan, type SegmentPlan } from './arenaLayout.ts';
import { type ArenaMemory, type Core, instantiateCore } from './core.ts';
import { Region } from './region.ts';

export type { PoolPlan, SegmentPlan } from './arenaLayout.ts';

/**
 * The WebAssembly memory in which frames and their descriptors lie, its pools of slots, and the core bound to it. It is
 * sized at the start and never grows, so its native address is stable. `assembly/layout.ts` draws the map.
 *
 * A slot has exactly one owner. `take` and `release` move it out of and into its pool; giving back a free slot is a
 * defect of the caller and throws.
 */
export class Arena {
  readonly memory: ArenaMemory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly core: Core;
  /** Slots of all pools. */
  readonly slotCount: number;
  /** Address of the STAGING_BYTES through which sandboxed filters see a batch. */
  readonly staging: number;
  /** Address space for filters that run in place. */
  readonly region: Region;

  readonly #layout: ArenaLayout;
  readonly #pools: (Pool | undefined)[] = [];
  readonly #poolOfSlot: Pool[] = [];
  readonly #isFree: Uint8Array;
  #freeCount = 0;

  /**
   * @param plans one per port
   * @param segments without it, super-packets cannot be cut
   * @param memory new, of `allocate` of the same layout, which another thread may have made. One that an arena has lain in
   *   is no longer all zeros: its tables would count on. Default: a memory of its own
   * @throws {TaplineError} `ARENA_FULL` when the pools need more than 65,535 slots, 4 GiB, or what the process may have
   * @throws {RangeError} when the memory has another size than the layout, or was used
   */
  constructor(plans: readonly PoolPlan[], segments?: SegmentPlan, memory?: ArenaMemory) {
    const layout = new ArenaLayout(plans, segments);
    this.#layout = layout;
    this.slotCount = layout.slotCount;
    this.staging = layout.staging;
    this.region = new Region(layout.region.address, layout.region.bytes);
    this.memory = memory === undefined ? layout.allocate() : checked(memory, layout);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.#isFree = new Uint8Array(layout.slotCount);
    for (const place of layout.pools) this.#addPool(place);
    for (let slot = layout.slotCount - 1; slot >= 0; slot--) this.release(slot);
    for (const place of layout.pools) this.#writePort(place);
    this.core = instantiateCore(this.memory);
  }

  /** Takes a free slot of a port's pool, the one used last first, since it is likely to be in the cache; −1: none. */
  take(port: number): number {
    const pool = this.#pool(port);
    if (pool.freeCount === 0) return -1;
    const slot = pool.free[--pool.freeCount] ?? -1;
    this.#isFree[slot] = 0;
    this.#freeCount--;
    return slot;
  }

  /** Takes a free slot for a mirrored copy; −1: none. */
  takeForCopy(): number {
    return this.take(L.COPY_PORT);
  }

  /** Takes a free slot for a segment; −1: none. */
  takeForSegment(): number {
    return this.#pools[L.SEGMENT_PORT] === undefined ? -1 : this.take(L.SEGMENT_PORT);
  }

  /** Whether a slot belongs to the segments' pool. */
  isForSegments(slot: number): boolean {
    return this.#poolOfSlot[slot]?.place.plan.port === L.SEGMENT_PORT;
  }

  /** Gives a slot back to its pool. */
  release(slot: number): void {
    const pool = this.#poolOfSlot[slot];
    if (pool === undefined || this.#isFree[slot] !== 0) {
      throw new TaplineError('ENGINE_CONTRACT', `Cannot release slot ${slot}: it is not in use`);
    }
    this.#isFree[slot] = 1;
    this.#freeCount++;
    pool.free[pool.freeCount++] = slot;
    if (pool.waiter !== undefined) wake(pool);
  }

  /** Calls back once, when the next slot of a port's pool is given back. */
  awaitSlot(port: number, callback: () => void): void {
    this.#pool(port).waiter = callback;
  }

  /** Offset of a slot's first byte in the arena. */
  address(slot: number): number {
    return this.#layout.address(slot);
  }

  /** Bytes from the slot to where a read puts its first byte: the virtio header, where the port has one. */
  readOffset(port: number): number {
    return this.#layout.readOffset(port);
  }

  /** Bytes that a read may fill from there; a frame that fills them all is taken for truncated. */
  readBytes(port: number): number {
    return this.#layout.readBytes(port);
  }

  /** Bytes from one slot of the port to the next: the most that any record of its slots may span. */
  stride(slot: number): number {
    return this.#layout.stride(slot);
  }

  /** Slots that are in their pools just now. */
  get freeCount(): number {
    return this.#freeCount;
  }

  /** Sends what comes in by `port` to `target`, or nowhere (NO_PORT). */
  setRoute(port: number, target: number): void {
    this.view.setUint8(portAddress(port) + L.PORT_ROUTE, target);
  }

  /** Says what a port takes from now on: OFFLOAD_* mask. */
  setOffloads(port: number, offloads: number): void {
    this.view.setUint16(portAddress(port) + L.PORT_OFFLOADS, offloads, true);
  }

  #pool(port: number): Pool {
    const pool = this.#pools[port];
    if (pool === undefined) throw new RangeError(`There is no port ${port}`);
    return pool;
  }

  #addPool(place: PoolPlace): void {
    const { port, slots } = place.plan;
    const pool: Pool = { place, free: new Uint16Array(slots), freeCount: 0, waiter: undefined };
    this.#pools[port] = pool;
    for (let i = 0; i < slots; i++) this.#poolOfSlot.push(pool);
  }

  #writePort({ plan, address, first, stride, frameStart }: PoolPlace): void {
    const record = portAddress(plan.port);
    this.view.setUint32(record + L.PORT_POOL, address, true);
    this.view.setUint32(record + L.PORT_STRIDE, stride, true);
    this.view.setUint32(record + L.PORT_SLOTS, plan.slots, true);
    this.view.setUint32(record + L.PORT_FIRST_SLOT, first, true);
    this.view.setUint32(record + L.PORT_FRAME_START, frameStart, true);
    this.view.setUint32(record + L.PORT_CAPACITY, plan.frameBytes + 1, true);
    this.view.setUint8(record + L.PORT_LINK, plan.link);
    this.view.setUint8(record + L.PORT_HEADER, plan.headerBytes);
    this.view.setUint16(record + L.PORT_OFFLOADS, plan.offloads, true);
    this.view.setUint8(record + L.PORT_ROUTE, L.NO_PORT);
    this.view.setUint32(record + L.PORT_INTERFACE, plan.interfaceIndex ?? 0, true);
  }
}

interface Pool {
  readonly place: PoolPlace;
  readonly free: Uint16Array;
  freeCount: number;
  waiter: (() => void) | undefined;
}

function wake(pool: Pool): void {
  const { waiter } = pool;
  pool.waiter = undefined;
  waiter?.();
}

function portAddress(port: number): number {
  return L.PORTS_OFFSET + port * L.PORT_BYTES;
}

/** Every arena has a pool of copies, whose slots are a whole batch: its record tells a memory that was used. */
function checked(memory: ArenaMemory, layout: ArenaLayout): ArenaMemory {
  if (!layout.fits(memory)) {
    throw new RangeError(
      `Cannot lay out the arena in ${memory.buffer.byteLength} bytes: it needs ${layout.pages} pages`,
    );
  }
  const copies = new DataView(memory.buffer).getUint32(portAddress(L.COPY_PORT) + L.PORT_SLOTS, true);
  if (copies !== 0) throw new RangeError('Cannot lay out the arena in a memory that was used: allocate a new one');
  return memory;
}
