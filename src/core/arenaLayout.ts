import * as L from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import type { ArenaMemory } from './core.ts';

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

/** Where the slots of one pool lie. */
export interface PoolPlace {
  readonly plan: PoolPlan;
  readonly address: number;
  /** Number of its first slot. */
  readonly first: number;
  /** Bytes from one slot to the next. */
  readonly stride: number;
  /** Bytes from the slot to where a frame that was read begins, behind headroom and virtio header. */
  readonly frameStart: number;
}

/** Bytes that may be pushed before a frame. */
const HEADROOM_BYTES = 128;
const PAGE_BYTES = 65_536;
const MAXIMUM_PAGES = 65_536;

/**
 * What lies where in an arena: a plan, without the memory. Two threads that make it of the same plans agree about every
 * slot.
 */
export class ArenaLayout {
  /** Pools in the order of their slots; those of copies and segments come last. */
  readonly pools: readonly PoolPlace[];
  /** Slots of all pools. */
  readonly slotCount: number;
  /** Address of the STAGING_BYTES through which sandboxed filters see a batch. */
  readonly staging: number;
  /** Address space for filters that run in place. */
  readonly region: { readonly address: number; readonly bytes: number };
  /** Pages of WebAssembly of the whole. */
  readonly pages: number;

  readonly #byPort: (PoolPlace | undefined)[] = [];
  readonly #bySlot: PoolPlace[] = [];

  /**
   * @param plans one per port
   * @param segments without it, super-packets cannot be cut
   * @throws {TaplineError} `ARENA_FULL` when the pools need more than 65,535 slots or 4 GiB
   */
  constructor(plans: readonly PoolPlan[], segments?: SegmentPlan) {
    const own = segments === undefined ? [copyPlan(plans)] : [copyPlan(plans), segmentPlan(segments)];
    const pools: PoolPlace[] = [];
    let address = alignToLine(L.SLOTS_OFFSET);
    let first = 0;
    for (const plan of [...plans, ...own]) {
      const pool = placeOf(plan, address, first);
      pools.push(pool);
      this.#byPort[plan.port] = pool;
      for (let i = 0; i < plan.slots; i++) this.#bySlot.push(pool);
      address += pool.stride * plan.slots;
      first += plan.slots;
    }
    const needed = Math.ceil((address + L.STAGING_BYTES) / PAGE_BYTES);
    if (first > L.SLOT_COUNT || needed > MAXIMUM_PAGES) throw arenaFull(first, needed);
    this.pools = pools;
    this.slotCount = first;
    this.staging = address;
    this.pages = Math.min(MAXIMUM_PAGES, needed + L.REGION_BYTES / PAGE_BYTES);
    this.region = { address: address + L.STAGING_BYTES, bytes: (this.pages - needed) * PAGE_BYTES };
  }

  /**
   * A new memory for an arena of this layout; all zeros. It is address space only: a page takes memory when it is touched.
   *
   * @throws {TaplineError} `ARENA_FULL` when the process may not have so much
   */
  allocate(): ArenaMemory {
    try {
      return new WebAssembly.Memory({ initial: this.pages, maximum: this.pages, shared: true });
    } catch (cause) {
      throw new TaplineError(
        'ARENA_FULL',
        `Cannot allocate the arena: the process gets no ${mebibytesOf(this.pages)} MiB of address space: ` +
          'raise its limit (ulimit -v), or use fewer ports',
        { cause },
      );
    }
  }

  /** Whether an arena of this layout fits in a memory. */
  fits({ buffer }: ArenaMemory): boolean {
    return buffer.byteLength === this.pages * PAGE_BYTES;
  }

  /** The pool of a port. */
  pool(port: number): PoolPlace {
    const pool = this.#byPort[port];
    if (pool === undefined) throw new RangeError(`There is no port ${port}`);
    return pool;
  }

  /** The pool that a slot belongs to; undefined: there is no such slot. */
  poolOfSlot(slot: number): PoolPlace | undefined {
    return this.#bySlot[slot];
  }

  /** Offset of a slot's first byte in the arena. */
  address(slot: number): number {
    const pool = this.#bySlot[slot];
    if (pool === undefined) throw new RangeError(`There is no slot ${slot}`);
    return pool.address + (slot - pool.first) * pool.stride;
  }

  /** Bytes from one slot of the pool to the next: the most that any record of its slots may span. */
  stride(slot: number): number {
    return this.#bySlot[slot]?.stride ?? 0;
  }

  /** Bytes from the slot to where a read puts its first byte: the virtio header, where the port has one. */
  readOffset(port: number): number {
    const { plan, frameStart } = this.pool(port);
    return frameStart - plan.headerBytes;
  }

  /** Bytes that a read may fill from there; a frame that fills them all is taken for truncated. */
  readBytes(port: number): number {
    const { plan } = this.pool(port);
    return plan.headerBytes + plan.frameBytes + 1;
  }
}

function placeOf(plan: PoolPlan, address: number, first: number): PoolPlace {
  const frameStart = startOfFrame(plan.link);
  return { plan, address, first, stride: oddLines(frameStart + plan.frameBytes + 1) * L.LINE_BYTES, frameStart };
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
