import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { type VirtioFields } from './descriptor.ts';
import {
  type Arriving,
  FRAME_START,
  SLOTS_PER_PORT,
  STRIDE,
  TAP,
  admit,
  arrive,
  countedReasons,
  descriptorOf,
  indicesAt,
  openLine,
  outcomeOf,
  readOutcome,
  slotAddress,
} from './line.ts';
import { filler } from './packets.ts';

const TUN = { ...TAP, link: layout.LINK_IP, header: 0 };
const frame = filler(60);
const virtio: VirtioFields = { vnetFlags: 1, gsoType: 2, hdrLen: 3, gsoSize: 4, csumStart: 5, csumOffset: 6 };

test('admit describes packets of all ports, zeroes outcomes and lists all', () => {
  const bench = openLine([TAP, TUN]);
  const { view } = bench;
  view.setBigUint64(layout.CONTROL_OFFSET + layout.CONTROL_TIME, 1234567890123456789n, true);
  bench.bytes.fill(0xa5, layout.DESCRIPTORS_OFFSET, layout.SLOTS_OFFSET);
  expect(
    admit(bench, [
      { port: 0, frame, virtio },
      { port: 1, frame: frame.slice(20) },
    ]),
  ).toBe(2);
  expect(indicesAt(bench, layout.ACTIVE_OFFSET, 2)).toEqual([0, 1]);
  for (const [index, port, length] of [
    [0, 0, 60],
    [1, 1, 40],
  ] as const) {
    const address = descriptorOf(index);
    const slot = port * SLOTS_PER_PORT + index;
    expect(view.getUint32(address + layout.DESCRIPTOR_FRAME, true)).toBe(slotAddress(bench, slot) + FRAME_START);
    expect(view.getUint32(address + layout.DESCRIPTOR_LENGTH, true)).toBe(length);
    expect(view.getUint32(address + layout.DESCRIPTOR_WIRE_LENGTH, true)).toBe(length);
    expect(view.getBigUint64(address + layout.DESCRIPTOR_TIME, true)).toBe(1234567890123456789n);
    expect(view.getUint16(address + layout.DESCRIPTOR_SLOT, true)).toBe(slot);
    expect(view.getUint16(address + layout.DESCRIPTOR_IN_PORT, true)).toBe(port);
    expect([...bench.bytes.slice(outcomeOf(index), outcomeOf(index) + layout.OUTCOME_BYTES)]).toEqual(
      Array(16).fill(0),
    );
  }
  const bytes = [...bench.bytes.slice(descriptorOf(0) + layout.DESCRIPTOR_VNET_FLAGS, descriptorOf(1))];
  expect(bytes).toEqual([1, 2, 3, 0, 4, 0, 5, 0, 6, 0]);
  const none = [...bench.bytes.slice(descriptorOf(1) + layout.DESCRIPTOR_VNET_FLAGS, descriptorOf(2))];
  expect(none).toEqual(Array(10).fill(0));
  expect(countedReasons(bench)).toEqual({});
});

const invalid: [string, Arriving][] = [
  ['a port that is not in use', { port: 0, frame, record: { port: 2 } }],
  ['the copy port', { port: 0, frame, record: { port: layout.COPY_PORT, slot: 16 } }],
  ['a port number that is too large', { port: 0, frame, record: { port: 64 } }],
  ['a slot of another port', { port: 0, frame, record: { slot: SLOTS_PER_PORT } }],
  ['a slot before the pool', { port: 1, frame, record: { slot: SLOTS_PER_PORT - 1 } }],
  ['a slot far away', { port: 0, frame, record: { slot: 0xffffffff } }],
  ['an offset behind the slot', { port: 0, frame, record: { offset: STRIDE + 1, length: 0 } }],
  ['an end behind the slot', { port: 0, frame, record: { offset: 118, length: STRIDE - 117 } }],
  ['a length that overflows', { port: 0, frame, record: { offset: 118, length: 0xffffffff } }],
  ['an offset that overflows', { port: 0, frame, record: { offset: 0xfffffff0, length: 60 } }],
  ['no room for a virtio header', { port: 1, frame, record: { offset: 11 } }],
];

test.each(invalid)('admit refuses a record with %s', (_, packet) => {
  const bench = openLine([TAP, TUN]);
  expect(admit(bench, [{ port: 0, frame }, { port: 1, frame }, packet])).toBe(-3);
});

test('admit refuses more packets than a batch holds', () => {
  const bench = openLine([TAP]);
  expect(bench.core.admit(layout.BATCH_COUNT + 1)).toBe(-1 - layout.BATCH_COUNT);
  expect(bench.core.admit(-1)).toBe(-1 - layout.BATCH_COUNT);
  expect(bench.core.admit(0)).toBe(0);
});

test('admit takes a record that fills its slot', () => {
  const bench = openLine([TAP]);
  expect(admit(bench, [{ port: 0, frame, record: { offset: 0, length: STRIDE } }])).toBe(1);
});

test('admit drops a frame that filled its slot, and one shorter than its virtio header, each once', () => {
  const bench = openLine([TAP]);
  const packets: Arriving[] = [
    { port: 0, frame },
    { port: 0, frame, flags: layout.RECORD_FLAG_TRUNCATED },
    { port: 0, frame, record: { length: 11 } },
    { port: 0, frame },
    { port: 0, frame, record: { length: 3 }, flags: layout.RECORD_FLAG_TRUNCATED },
  ];
  expect(admit(bench, packets)).toBe(2);
  expect(indicesAt(bench, layout.ACTIVE_OFFSET, 2)).toEqual([0, 3]);
  const drop = (reason: number): object => ({ verdict: layout.VERDICT_DROP, reason: layout.REASON_BUILT_IN | reason });
  expect(readOutcome(bench, 1)).toMatchObject(drop(layout.REASON_TRUNCATED));
  expect(readOutcome(bench, 2)).toMatchObject(drop(layout.REASON_BAD_OFFLOAD));
  expect(readOutcome(bench, 4)).toMatchObject(drop(layout.REASON_TRUNCATED));
  expect(countedReasons(bench)).toEqual({ [layout.REASON_TRUNCATED]: 2, [layout.REASON_BAD_OFFLOAD]: 1 });
});

test('admit takes a whole batch', () => {
  const bench = openLine([TAP]);
  arrive(
    bench,
    Array.from({ length: layout.BATCH_COUNT }, () => ({ port: 0, frame })),
  );
  expect(bench.core.admit(layout.BATCH_COUNT)).toBe(layout.BATCH_COUNT);
  expect(indicesAt(bench, layout.ACTIVE_OFFSET, 256)).toEqual(Array.from({ length: 256 }, (_, index) => index));
});
