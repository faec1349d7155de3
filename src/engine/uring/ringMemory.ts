import { PORT_COUNT } from '../../../assembly/layout.ts';
import * as L from '../../../assembly/ringLayout.ts';
import { CQE_BYTES, SQE_BYTES } from '../../sys/ioUring.ts';
import type { EnginePort } from '../engine.ts';
import type { SlotPlaces } from '../lent/lent.ts';
import { type RingDriver, type RingMemory, instantiateDriver } from './driver.ts';
import type { RingSizes } from './ringSizes.ts';

const WASM_PAGE_BYTES = 65_536;
/**
 * Bytes that the slots on offer of one port may have. Each of them takes memory once the kernel has filled it, also when
 * its frames are small afterwards: of 64 KiB slots half a batch is offered.
 */
const OFFER_BYTES = 8 * 2 ** 20;
/** More than the kernel's words before the completions take. */
const RING_HEAD_BYTES = 1024;

/** The private memory of a ring: what lies where, and the driver on it. Nothing else gets hold of it. */
export class RingSpace {
  readonly memory: RingMemory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly driver: RingDriver;
  /** Offsets of the parts that take whole pages. */
  readonly submissions: number;
  readonly rings: number;
  readonly #buffers: number;

  /**
   * Lays the memory out for `ports`, and tells the driver the place of every slot.
   *
   * @param laidOut a memory of which another thread has done that, with the same slots, ports and sizes
   */
  constructor(slots: SlotPlaces, arena: number, ports: readonly EnginePort[], sizes: RingSizes, laidOut?: RingMemory) {
    this.submissions = wholePages(L.RING_SLOTS_OFFSET + slots.slotCount * L.RING_SLOT_BYTES);
    this.rings = wholePages(this.submissions + sizes.submissions * SQE_BYTES);
    this.#buffers = wholePages(this.rings + RING_HEAD_BYTES + sizes.completions * CQE_BYTES);
    const end = this.#buffers + ports.length * L.RING_PAGE_BYTES;
    const pages = Math.ceil(end / WASM_PAGE_BYTES);
    this.memory = laidOut ?? new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.driver = instantiateDriver(this.memory);
    if (laidOut !== undefined) return;
    this.view.setBigUint64(L.RING_CONTROL_OFFSET + L.RING_ARENA, BigInt(arena), true);
    this.setControl(L.RING_SLOT_COUNT, slots.slotCount);
    this.setControl(L.RING_PORT_LIMIT, Math.max(-1, ...ports.map(({ number }) => number)) + 1);
    this.setControl(L.RING_SQES, this.submissions);
    this.#writeSlots(slots);
    const limit = offerLimit(sizes, ports.length);
    ports.forEach(({ number }, i) => {
      this.#writePort(slots, number, this.#buffers + i * L.RING_PAGE_BYTES, limit);
    });
  }

  control(field: number): number {
    return this.view.getUint32(L.RING_CONTROL_OFFSET + field, true);
  }

  setControl(field: number, value: number): void {
    this.view.setUint32(L.RING_CONTROL_OFFSET + field, value, true);
  }

  port(number: number, field: number): number {
    return this.view.getUint32(portAddress(number) + field, true);
  }

  setPort(number: number, field: number, value: number): void {
    this.view.setUint32(portAddress(number) + field, value, true);
  }

  slot(number: number, field: number): number {
    return this.view.getUint32(L.RING_SLOTS_OFFSET + number * L.RING_SLOT_BYTES + field, true);
  }

  setSlotOwner(number: number, owner: number): void {
    this.view.setUint32(L.RING_SLOTS_OFFSET + number * L.RING_SLOT_BYTES + L.RING_SLOT_OWNER, owner, true);
  }

  /** `count` records at `offset`, as an engine shows them. */
  records(offset: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, offset, count * 4);
  }

  #writeSlots(slots: SlotPlaces): void {
    for (let slot = 0; slot < slots.slotCount; slot++) {
      const record = L.RING_SLOTS_OFFSET + slot * L.RING_SLOT_BYTES;
      this.view.setUint32(record + L.RING_SLOT_ADDRESS, slots.address(slot), true);
      this.view.setUint32(record + L.RING_SLOT_STRIDE, slots.stride(slot), true);
    }
  }

  #writePort(slots: SlotPlaces, number: number, buffers: number, limit: number): void {
    this.setPort(number, L.RING_PORT_FLAGS, L.RING_PORT_USED);
    this.setPort(number, L.RING_PORT_BUFFERS, buffers);
    const readBytes = slots.readBytes(number);
    this.setPort(number, L.RING_PORT_READ_BYTES, readBytes);
    this.setPort(number, L.RING_PORT_READ_OFFSET, slots.readOffset(number));
    this.setPort(number, L.RING_PORT_LIMIT_COUNT, Math.min(limit, Math.max(1, Math.floor(OFFER_BYTES / readBytes))));
  }
}

/**
 * So many slots may a port offer that completions never overflow their ring: one for each, one for the end of each read,
 * and those of the writes.
 */
export function offerLimit({ submissions, completions }: RingSizes, ports: number): number {
  if (ports === 0) return 0;
  return Math.min(L.RING_BUFFER_COUNT, Math.floor((completions - submissions) / ports) - 1);
}

function portAddress(number: number): number {
  if (number >= PORT_COUNT) throw new RangeError(`There is no port ${number}`);
  return L.RING_PORTS_OFFSET + number * L.RING_PORT_BYTES;
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / L.RING_PAGE_BYTES) * L.RING_PAGE_BYTES;
}
