import * as layout from '../../../assembly/layout.ts';
import { Arena as CoreArena } from '../../../src/core/arena.ts';
import { type Bench, POISON } from '../bench.ts';
import type { VirtioFields } from '../descriptor.ts';
import { type SuperShape, superFrame } from '../oracle/segment.ts';

/** Ports 0 and 1 take whatever there is, 2 and 3 nothing; even ones are Ethernet. Routes: 0 → 2, 1 → 3, and back. */
export const WHOLE = { [layout.LINK_ETHERNET]: 0, [layout.LINK_IP]: 1 } as Readonly<Record<number, number>>;
export const PLAIN = { [layout.LINK_ETHERNET]: 2, [layout.LINK_IP]: 3 } as Readonly<Record<number, number>>;
const SLOTS = 6;

export type Arena = CoreArena & Bench;
/** Longest segment: 1,500 bytes of payload, and headers with all that can be in them. */
export const SEGMENT_BYTES = 1900;

export interface Arriving {
  port: number;
  frame: Uint8Array;
  virtio: VirtioFields;
}

/** An arena with four ports and a pool of segments, all slots poisoned. */
export function openArena(segmentSlots = layout.BATCH_COUNT): Arena {
  const arena = new CoreArena(
    [0, 1, 2, 3].map((port) => ({
      port,
      link: port % 2 === 0 ? layout.LINK_ETHERNET : layout.LINK_IP,
      headerBytes: layout.VNET_BYTES,
      frameBytes: port < 2 ? 65_600 : 1538,
      slots: SLOTS,
      offloads: port < 2 ? 0x6f : 0,
    })),
    { frameBytes: SEGMENT_BYTES, slots: segmentSlots },
  );
  [2, 3, 0, 1].forEach((target, port) => {
    arena.setRoute(port, target);
  });
  arena.bytes.fill(POISON, arena.address(0));
  return arena as Arena;
}

export function arrivingOf(shape: SuperShape): Arriving {
  return { port: WHOLE[shape.link] ?? 0, ...superFrame(shape) };
}

/** Lets packets arrive in slots of their ports, and be admitted. Returns what `admit` says. */
export function admit(arena: Arena, packets: readonly Arriving[]): number {
  const { view, bytes } = arena;
  packets.forEach(({ port, frame, virtio }, index) => {
    const slot = arena.take(port);
    const start = arena.address(slot) + arena.readOffset(port);
    bytes.set(frame, start + layout.VNET_BYTES);
    view.setUint8(start, virtio.vnetFlags);
    view.setUint8(start + 1, virtio.gsoType);
    [virtio.hdrLen, virtio.gsoSize, virtio.csumStart, virtio.csumOffset].forEach((value, i) => {
      view.setUint16(start + 2 + 2 * i, value, true);
    });
    const record = [slot, port, frame.length + layout.VNET_BYTES, arena.readOffset(port)];
    record.forEach((word, i) => {
      view.setUint32(layout.INBOUND_OFFSET + index * layout.RECORD_BYTES + 4 * i, word, true);
    });
  });
  return arena.core.admit(packets.length);
}

/** Fills the stock up to `count` slots, as the host does. */
export function fillStock(arena: Arena, count: number): void {
  const { view } = arena;
  const address = layout.ASIDE_OFFSET + layout.ASIDE_STOCK;
  for (let stock = view.getUint32(address, true); stock < count; stock++) {
    view.setUint16(layout.STOCK_OFFSET + stock * layout.INDEX_BYTES, arena.takeForSegment(), true);
    view.setUint32(address, stock + 1, true);
  }
}

/** A number of the record of what was set aside: ASIDE_*. */
export function asideNumber({ view }: Arena, field: number): number {
  return view.getUint32(layout.ASIDE_OFFSET + field, true);
}
