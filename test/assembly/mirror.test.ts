import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { type Bench, copyOf } from './bench.ts';
import { NO_VIRTIO, type VirtioFields, frameOf } from './descriptor.ts';
import {
  FRAME_START,
  type PortShape,
  SLOTS_PER_PORT,
  TAP,
  admit,
  countedReasons,
  descriptorOf,
  openLine,
  readRecord,
  slotAddress,
} from './line.ts';
import { checksumOf, tcp4, tso4 } from './superPackets.ts';

const PLAIN = { ...TAP, header: 0, offloads: 0 };
const partial: VirtioFields = { ...tso4, gsoType: 0, gsoSize: 0 };
const COPY_SLOT = 3 * SLOTS_PER_PORT + 1;

/** Lets a packet arrive by port 0 of three; port 1 has a header, port 2 has none. */
function take(virtio: VirtioFields, second: Partial<PortShape> = {}): Bench {
  const bench = openLine([TAP, { ...TAP, ...second }, PLAIN]);
  admit(bench, [{ port: 0, frame: tcp4, virtio }]);
  return bench;
}

const recordOf = (bench: Bench): object => readRecord(bench, layout.CONTROL_OFFSET + layout.CONTROL_COPY_RECORD);
const copied = (bench: Bench): Uint8Array => copyOf(bench, slotAddress(bench, COPY_SLOT) + FRAME_START, tcp4.length);

test('mirror copies a packet with a header of its own and leaves the packet alone', () => {
  const bench = take(tso4);
  expect(bench.core.mirror(0, COPY_SLOT, 1)).toBe(0);
  expect(recordOf(bench)).toEqual({
    slot: COPY_SLOT,
    port: 1 | layout.RECORD_FLAG_COPY,
    length: tcp4.length + 12,
    offset: FRAME_START - 12,
  });
  expect(copied(bench)).toEqual(tcp4);
  const header = copyOf(bench, slotAddress(bench, COPY_SLOT) + FRAME_START - 12, 12);
  expect([...header]).toEqual([1, 1, 54, 0, 100, 0, 34, 0, 16, 0, 0, 0]);
  expect(frameOf(bench, descriptorOf(0))).toEqual(tcp4);
  expect(countedReasons(bench)).toEqual({});
});

test('mirror completes the checksum of the copy, not of the packet', () => {
  const bench = take(partial);
  expect(bench.core.mirror(0, COPY_SLOT, 2)).toBe(0);
  expect(recordOf(bench)).toMatchObject({ length: tcp4.length, offset: FRAME_START });
  expect(checksumOf(copied(bench), tso4)).not.toBe(checksumOf(tcp4, tso4));
  expect(frameOf(bench, descriptorOf(0))).toEqual(tcp4);
  const flags = bench.view.getUint32(descriptorOf(0) + layout.DESCRIPTOR_FLAGS, true);
  expect(flags & layout.PACKET_PARTIAL_CHECKSUM).not.toBe(0);
});

const refused: [string, number, number, VirtioFields, Partial<PortShape>, number][] = [
  ['a slot that is not a copy’s', 0, 1, NO_VIRTIO, {}, layout.REASON_BAD_PORT],
  ['a slot behind the pool', 4 * SLOTS_PER_PORT, 1, NO_VIRTIO, {}, layout.REASON_BAD_PORT],
  ['a port that is not in use', COPY_SLOT, 3, NO_VIRTIO, {}, layout.REASON_BAD_PORT],
  ['the copy port', COPY_SLOT, layout.COPY_PORT, NO_VIRTIO, {}, layout.REASON_BAD_PORT],
  ['a port behind the table', COPY_SLOT, 255, NO_VIRTIO, {}, layout.REASON_BAD_PORT],
  ['a port of another link', COPY_SLOT, 1, NO_VIRTIO, { link: layout.LINK_IP }, layout.REASON_WRONG_LINK],
  ['a super-packet for a port without a header', COPY_SLOT, 2, tso4, {}, layout.REASON_NEEDS_SEGMENTATION],
  ['a virtio header that points outside', COPY_SLOT, 1, { ...partial, csumStart: 999 }, {}, layout.REASON_BAD_OFFLOAD],
];

test.each(refused)('mirror refuses %s and counts nothing', (_, slot, port, virtio, second, reason) => {
  const bench = take(virtio, second);
  const before = bench.bytes.slice();
  expect(bench.core.mirror(0, slot, port)).toBe(layout.REASON_BUILT_IN | reason);
  expect(Buffer.compare(bench.bytes, before)).toBe(0);
});

test('mirror refuses a frame that does not fit a copy', () => {
  const bench = take(NO_VIRTIO);
  const address = layout.PORTS_OFFSET + layout.COPY_PORT * layout.PORT_BYTES;
  bench.view.setUint32(address + layout.PORT_STRIDE, FRAME_START + tcp4.length - 1, true);
  bench.view.setUint32(address + layout.PORT_FIRST_SLOT, COPY_SLOT, true);
  expect(bench.core.mirror(0, COPY_SLOT, 1)).toBe(layout.REASON_BUILT_IN | layout.REASON_TRUNCATED);
});
