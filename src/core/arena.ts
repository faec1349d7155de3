import * as L from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import { type ArenaMemory, type Core, instantiateCore } from './core.ts';
import { Region } from './region.ts';

/** What an arena must know of a port to give it a pool of slots. */
export interface PoolPlan {
  /** Number of the port, below COPY_PORT. */
  readonly port: number;
  readonly link: typeof L.LINK_ETHERNET | typeof L.LINK_IP;
  /** Bytes of virtio_net_hdr before each frame: VNET_BYTES or 0. */
  readonly headerBytes: number;
  /** Longest frame in bytes; a read gets one byte more, to see what is longer. */
  readonly frameBytes: number;
  /** Slots of the pool. */
  readonly slots: number;
  /** OFFLOAD_* that the port takes in what is written to it. */
  readonly offloads: number;
  /** Index of the interface behind the port; 0 (default): none. */
  readonly interfaceIndex?: number;
}

/** The pool in which the segments of super-packets are made. */
export interface SegmentPlan {
  /** Longest segment in bytes, its headers included. */
  readonly frameBytes: number;
  readonly slots: number;
}

/** Bytes that may be pushed before a frame. */
const HEADROOM_BYTES = 128;
const PAGE_BYTES = 65_536;
const MAXIMUM_PAGES = 65_536;

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

  readonly #pools: (Pool | undefined)[] = [];
  readonly #poolOfSlot: Pool[] = [];
  readonly #isFree: Uint8Array;
  #freeCount = 0;

  /**
   * @param plans one per port
   * @param segments without it, super-packets cannot be cut
   * @throws {TaplineError} `ARENA_FULL` when the pools need more than 65,535 slots, 4 GiB, or what the process may have
   */
  constructor(plans: readonly PoolPlan[], segments?: SegmentPlan) {
    let address = alignToLine(L.SLOTS_OFFSET);
    let first = 0;
    const own = segments === undefined ? [copyPlan(plans)] : [copyPlan(plans), segmentPlan(segments)];
    for (const plan of [...plans, ...own]) {
      const pool = layOut(plan, address, first);
      this.#pools[plan.port] = pool;
      address += pool.stride * plan.slots;
      first += plan.slots;
      for (let i = 0; i < plan.slots; i++) this.#poolOfSlot.push(pool);
    }
    const needed = Math.ceil((address + L.STAGING_BYTES) / PAGE_BYTES);
    if (first > L.SLOT_COUNT || needed > MAXIMUM_PAGES) throw arenaFull(first, needed);
    this.slotCount = first;
    this.staging = address;
    const pages = Math.min(MAXIMUM_PAGES, needed + L.REGION_BYTES / PAGE_BYTES);
    this.region = new Region(address + L.STAGING_BYTES, (pages - needed) * PAGE_BYTES);
    this.memory = allocate(pages);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.#isFree = new Uint8Array(first);
    for (let slot = first - 1; slot >= 0; slot--) this.release(slot);
    for (const pool of this.#pools) if (pool !== undefined) this.#writePort(pool);
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
    return this.#poolOfSlot[slot]?.plan.port === L.SEGMENT_PORT;
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
    const pool = this.#poolOfSlot[slot];
    if (pool === undefined) throw new RangeError(`There is no slot ${slot}`);
    return pool.address + (slot - pool.first) * pool.stride;
  }

  /** Bytes from the slot to where a read puts its first byte: the virtio header, where the port has one. */
  readOffset(port: number): number {
    const { plan, frameStart } = this.#pool(port);
    return frameStart - plan.headerBytes;
  }

  /** Bytes that a read may fill from there; a frame that fills them all is taken for truncated. */
  readBytes(port: number): number {
    const { plan } = this.#pool(port);
    return plan.headerBytes + plan.frameBytes + 1;
  }

  /** Bytes from one slot of the port to the next: the most that any record of its slots may span. */
  stride(slot: number): number {
    return this.#poolOfSlot[slot]?.stride ?? 0;
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

  #writePort({ plan, address, first, stride, frameStart }: Pool): void {
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
  readonly plan: PoolPlan;
  readonly address: number;
  readonly first: number;
  readonly stride: number;
  readonly frameStart: number;
  readonly free: Uint16Array;
  freeCount: number;
  waiter: (() => void) | undefined;
}

function wake(pool: Pool): void {
  const { waiter } = pool;
  pool.waiter = undefined;
  waiter?.();
}

function layOut(plan: PoolPlan, address: number, first: number): Pool {
  const frameStart = startOfFrame(plan.link);
  const stride = oddLines(frameStart + plan.frameBytes + 1) * L.LINE_BYTES;
  return {
    plan,
    address,
    first,
    stride,
    frameStart,
    free: new Uint16Array(plan.slots),
    freeCount: 0,
    waiter: undefined,
  };
}

/** Behind the headroom and the virtio header; moved so that the IP header is 4-byte aligned. */
function startOfFrame(link: number): number {
  const start = L.VNET_BYTES + HEADROOM_BYTES;
  return link === L.LINK_ETHERNET ? start + 2 : start;
}

function oddLines(bytes: number): number {
  return Math.ceil(bytes / L.LINE_BYTES) | 1;
}

function alignToLine(address: number): number {
  return Math.ceil(address / L.LINE_BYTES) * L.LINE_BYTES;
}

/** Mirrored copies need slots of their own, as large as the largest, since their originals go on. */
function copyPlan(plans: readonly PoolPlan[]): PoolPlan {
  const frameBytes = Math.max(...plans.map((plan) => plan.frameBytes));
  const slots = L.BATCH_COUNT;
  return { port: L.COPY_PORT, link: L.LINK_ETHERNET, headerBytes: L.VNET_BYTES, frameBytes, slots, offloads: 0 };
}

function segmentPlan({ frameBytes, slots }: SegmentPlan): PoolPlan {
  return { port: L.SEGMENT_PORT, link: L.LINK_ETHERNET, headerBytes: L.VNET_BYTES, frameBytes, slots, offloads: 0 };
}

function portAddress(port: number): number {
  return L.PORTS_OFFSET + port * L.PORT_BYTES;
}

/** Address space only: a page takes memory when it is touched. */
function allocate(pages: number): ArenaMemory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new TaplineError(
      'ARENA_FULL',
      `Cannot allocate the arena: the process gets no ${mebibytesOf(pages)} MiB of address space: ` +
        'raise its limit (ulimit -v), or use fewer ports',
      { cause },
    );
  }
}

function mebibytesOf(pages: number): number {
  return Math.ceil((pages * PAGE_BYTES) / 2 ** 20);
}

function arenaFull(slots: number, pages: number): TaplineError {
  return new TaplineError(
    'ARENA_FULL',
    `Cannot lay out the arena: ${slots} slots in ${mebibytesOf(pages)} MiB are more than ${L.SLOT_COUNT} slots in 4096 MiB: ` +
      'use fewer ports or fewer slots per port',
  );
}
