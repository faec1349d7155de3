import * as layout from '../../assembly/layout.ts';
import { type Bench, POISON, openBench, pagesFor } from './bench.ts';
import { NO_VIRTIO, type VirtioFields } from './descriptor.ts';

/** A port of a test's line; its number is its place in the list. */
export interface PortShape {
  link: number;
  header: number;
  offloads: number;
  route: number;
}

/** One packet to be read. */
export interface Arriving {
  port: number;
  frame: Uint8Array;
  virtio?: VirtioFields;
  /** RECORD_FLAG_*. */
  flags?: number;
  /** Replaces fields of the record after it was written. */
  record?: { slot?: number; port?: number; length?: number; offset?: number };
}

/** What a filter writes. */
export interface OutcomeFields {
  verdict: number;
  flags: number;
  outPort: number;
  mirrorPort: number;
  reason: number;
  startShift: number;
  mark: number;
  endShift: number;
}

export const SLOTS_PER_PORT = 8;
export const STRIDE = 2112;
export const FRAME_START = 130;

export const TAP: PortShape = { link: layout.LINK_ETHERNET, header: 12, offloads: 0x6f, route: 1 };

/** A core with ports and pools of SLOTS_PER_PORT slots, the last pool for copies, and `moreBytes` behind them. */
export function openLine(ports: readonly PortShape[], stride = STRIDE, moreBytes = 0): Bench {
  const poolBytes = SLOTS_PER_PORT * stride;
  const bench = openBench(pagesFor((ports.length + 1) * poolBytes + 64 + moreBytes));
  const first = Math.ceil(layout.SLOTS_OFFSET / 64) * 64;
  const copies = { link: 0, header: 0, offloads: 0, route: layout.NO_PORT };
  [...ports, copies].forEach((shape, place) => {
    const number = place === ports.length ? layout.COPY_PORT : place;
    writePort(bench, number, shape, first + place * poolBytes, place * SLOTS_PER_PORT, stride);
  });
  bench.bytes.fill(POISON, first, first + (ports.length + 1) * poolBytes);
  return bench;
}

function writePort(
  { view }: Bench,
  number: number,
  shape: PortShape,
  pool: number,
  firstSlot: number,
  stride: number,
): void {
  const address = layout.PORTS_OFFSET + number * layout.PORT_BYTES;
  view.setUint32(address + layout.PORT_POOL, pool, true);
  view.setUint32(address + layout.PORT_STRIDE, stride, true);
  view.setUint32(address + layout.PORT_SLOTS, SLOTS_PER_PORT, true);
  view.setUint32(address + layout.PORT_FIRST_SLOT, firstSlot, true);
  view.setUint32(address + layout.PORT_FRAME_START, FRAME_START, true);
  view.setUint32(address + layout.PORT_CAPACITY, stride - FRAME_START, true);
  view.setUint8(address + layout.PORT_LINK, shape.link);
  view.setUint8(address + layout.PORT_HEADER, shape.header);
  view.setUint16(address + layout.PORT_OFFLOADS, shape.offloads, true);
  view.setUint8(address + layout.PORT_ROUTE, shape.route);
}

/** Address of slot `slot`. */
export function slotAddress({ view }: Bench, slot: number): number {
  const stride = view.getUint32(layout.PORTS_OFFSET + layout.PORT_STRIDE, true);
  return view.getUint32(layout.PORTS_OFFSET + layout.PORT_POOL, true) + slot * stride;
}

/** Puts packets into slots of their ports, as an engine does, and writes their inbound records. */
export function arrive(bench: Bench, packets: readonly Arriving[]): void {
  packets.forEach(({ port, frame, virtio = NO_VIRTIO, flags = 0, record = {} }, index) => {
    const slot = port * SLOTS_PER_PORT + (index % SLOTS_PER_PORT);
    const start = slotAddress(bench, slot) + FRAME_START;
    const header = bench.view.getUint8(layout.PORTS_OFFSET + port * layout.PORT_BYTES + layout.PORT_HEADER);
    bench.bytes.set(frame, start);
    if (header !== 0) writeVirtioHeader(bench, start - header, virtio);
    const address = layout.INBOUND_OFFSET + index * layout.RECORD_BYTES;
    bench.view.setUint32(address + layout.RECORD_SLOT, record.slot ?? slot, true);
    bench.view.setUint32(address + layout.RECORD_PORT, (record.port ?? port) | flags, true);
    bench.view.setUint32(address + layout.RECORD_LENGTH, record.length ?? frame.length + header, true);
    bench.view.setUint32(address + layout.RECORD_OFFSET, record.offset ?? FRAME_START - header, true);
  });
}

/** Lets packets arrive and be admitted; returns what `admit` says. */
export function admit(bench: Bench, packets: readonly Arriving[]): number {
  arrive(bench, packets);
  return bench.core.admit(packets.length);
}

function writeVirtioHeader({ view }: Bench, address: number, virtio: VirtioFields): void {
  view.setUint8(address, virtio.vnetFlags);
  view.setUint8(address + 1, virtio.gsoType);
  view.setUint16(address + 2, virtio.hdrLen, true);
  view.setUint16(address + 4, virtio.gsoSize, true);
  view.setUint16(address + 6, virtio.csumStart, true);
  view.setUint16(address + 8, virtio.csumOffset, true);
  view.setUint16(address + 10, 0xa5a5, true);
}

/** Address of packet `index`'s descriptor. */
export function descriptorOf(index: number): number {
  return layout.DESCRIPTORS_OFFSET + index * layout.DESCRIPTOR_BYTES;
}

/** Address of packet `index`'s outcome. */
export function outcomeOf(index: number): number {
  return layout.OUTCOMES_OFFSET + index * layout.OUTCOME_BYTES;
}

/** Writes fields of packet `index`'s outcome, as a filter does. */
export function writeOutcome({ view }: Bench, index: number, fields: Partial<OutcomeFields>): void {
  const address = outcomeOf(index);
  if (fields.verdict !== undefined) view.setUint8(address + layout.OUTCOME_VERDICT, fields.verdict);
  if (fields.flags !== undefined) view.setUint8(address + layout.OUTCOME_FLAGS, fields.flags);
  if (fields.outPort !== undefined) view.setUint8(address + layout.OUTCOME_OUT_PORT, fields.outPort);
  if (fields.mirrorPort !== undefined) view.setUint8(address + layout.OUTCOME_MIRROR_PORT, fields.mirrorPort);
  if (fields.reason !== undefined) view.setUint16(address + layout.OUTCOME_REASON, fields.reason, true);
  if (fields.startShift !== undefined) view.setInt16(address + layout.OUTCOME_START_SHIFT, fields.startShift, true);
  if (fields.mark !== undefined) view.setUint32(address + layout.OUTCOME_MARK, fields.mark, true);
  if (fields.endShift !== undefined) view.setInt32(address + layout.OUTCOME_END_SHIFT, fields.endShift, true);
}

/** Reads packet `index`'s outcome. */
export function readOutcome({ view }: Bench, index: number): OutcomeFields {
  const address = outcomeOf(index);
  return {
    verdict: view.getUint8(address + layout.OUTCOME_VERDICT),
    flags: view.getUint8(address + layout.OUTCOME_FLAGS),
    outPort: view.getUint8(address + layout.OUTCOME_OUT_PORT),
    mirrorPort: view.getUint8(address + layout.OUTCOME_MIRROR_PORT),
    reason: view.getUint16(address + layout.OUTCOME_REASON, true),
    startShift: view.getInt16(address + layout.OUTCOME_START_SHIFT, true),
    mark: view.getUint32(address + layout.OUTCOME_MARK, true),
    endShift: view.getInt32(address + layout.OUTCOME_END_SHIFT, true),
  };
}

/** The reasons that have been counted: how often each, by number. */
export function countedReasons({ view }: Bench): Record<number, number> {
  const counted: Record<number, number> = {};
  for (let reason = 0; reason < layout.REASON_COUNT; reason++) {
    const count = Number(view.getBigUint64(layout.REASONS_OFFSET + reason * layout.REASON_BYTES, true));
    if (count > 0) counted[reason] = count;
  }
  return counted;
}

/** The list of `count` packet indices at `offset`. */
export function indicesAt({ view }: Bench, offset: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => view.getUint16(offset + place * layout.INDEX_BYTES, true));
}

/** A record at `address`. */
export function readRecord(
  { view }: Bench,
  address: number,
): { slot: number; port: number; length: number; offset: number } {
  return {
    slot: view.getUint32(address + layout.RECORD_SLOT, true),
    port: view.getUint32(address + layout.RECORD_PORT, true),
    length: view.getUint32(address + layout.RECORD_LENGTH, true),
    offset: view.getUint32(address + layout.RECORD_OFFSET, true),
  };
}

/** Packet `index`'s outbound record. */
export function outboundOf(bench: Bench, index: number): ReturnType<typeof readRecord> {
  return readRecord(bench, layout.OUTBOUND_OFFSET + index * layout.RECORD_BYTES);
}
