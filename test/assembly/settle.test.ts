import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import type { Bench } from './bench.ts';
import { type VirtioFields, frameOf, readDissected } from './descriptor.ts';
import {
  type Arriving,
  FRAME_START,
  type OutcomeFields,
  STRIDE,
  TAP,
  admit,
  countedReasons,
  descriptorOf,
  indicesAt,
  openLine,
  readOutcome,
  slotAddress,
  writeOutcome,
} from './line.ts';
import { type Judged, type StageShape, settleOne } from './oracle/settle.ts';
import { dissect } from './oracle/dissect.ts';
import { ethernet, filler, ipv4, tcp } from './packets.ts';

const TUN = { ...TAP, link: layout.LINK_IP };
const STAGE = 5;
const NOTHING: OutcomeFields = {
  ...{ verdict: 0, flags: 0, outPort: 0, mirrorPort: 0, reason: 0, startShift: 0, mark: 0, endShift: 0 },
};
const { OUTCOME_FLAG_MODIFIED: MODIFIED, OUTCOME_FLAG_MIRROR: MIRROR, OUTCOME_FLAG_SHORT: SHORT } = layout;
const COUNTERS = {
  packets: layout.STAGE_PACKETS,
  accepted: layout.STAGE_ACCEPTED,
  dropped: layout.STAGE_DROPPED,
  reflected: layout.STAGE_REFLECTED,
  redirected: layout.STAGE_REDIRECTED,
  mirrored: layout.STAGE_MIRRORED,
  modified: layout.STAGE_MODIFIED,
  short: layout.STAGE_SHORT,
  failed: layout.STAGE_FAILED,
};

const packet = ipv4(
  { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2), protocol: 6 },
  tcp({ sourcePort: 1, destinationPort: 2 }, filler(20)),
);
const frame = ethernet({ type: 0x0800 }, packet);
const virtio: VirtioFields = { vnetFlags: 1, gsoType: 0, hdrLen: 0, gsoSize: 0, csumStart: 34, csumOffset: 16 };

function declare({ view }: Bench, { reasonBase, reasonCount, onError }: StageShape): void {
  const address = layout.STAGES_OFFSET + STAGE * layout.STAGE_BYTES;
  view.setUint16(address + layout.STAGE_REASON_BASE, reasonBase, true);
  view.setUint16(address + layout.STAGE_REASON_COUNT, reasonCount, true);
  view.setUint8(address + layout.STAGE_ON_ERROR, onError);
  view.setUint8(address + layout.STAGE_WRITES, 1);
  view.setUint32(address + layout.STAGE_WINDOW, 0xffffffff, true);
  view.setUint32(address + layout.STAGE_HEADROOM, 0xffff, true);
}

/** The stage's counters that are not 0. */
function counters({ view }: Bench): Record<string, number> {
  const address = layout.STAGES_OFFSET + STAGE * layout.STAGE_BYTES;
  const read = Object.entries(COUNTERS).map(
    ([name, at]) => [name, Number(view.getBigUint64(address + at, true))] as const,
  );
  return Object.fromEntries(read.filter(([, count]) => count > 0));
}

const PLAIN: StageShape = { reasonBase: 40, reasonCount: 3, onError: layout.VERDICT_DROP };

/** Settles one packet whose outcome is `fields`. */
function settleAlone(
  fields: Partial<OutcomeFields>,
  stage = PLAIN,
  arriving: Partial<Arriving> = {},
): { bench: Bench; left: number } {
  const bench = openLine([TAP, TUN]);
  declare(bench, stage);
  admit(bench, [{ port: 0, frame, ...arriving }]);
  writeOutcome(bench, 0, fields);
  return { bench, left: bench.core.settle(STAGE, 1) };
}

const onError = (verdict: number): StageShape => ({ ...PLAIN, onError: verdict });
const continues: [string, Partial<OutcomeFields>, StageShape, Record<string, number>][] = [
  ['nothing', {}, PLAIN, { packets: 1 }],
  ['a mark', { mark: 7 }, PLAIN, { packets: 1 }],
  ['a port without a redirect', { outPort: 1 }, PLAIN, { packets: 1 }],
  ['a short packet', { flags: SHORT }, PLAIN, { packets: 1, short: 1 }],
  ['an edit', { flags: MODIFIED }, PLAIN, { packets: 1, modified: 1 }],
  ['a mirror', { flags: MIRROR }, PLAIN, { packets: 1, mirrored: 1 }],
  [
    'a failure, and its policy is to go on',
    { verdict: 15 },
    onError(layout.VERDICT_CONTINUE),
    { packets: 1, failed: 1 },
  ],
];

test.each(continues)('settle lets a packet go on after %s', (_, fields, stage, counted) => {
  const { bench, left } = settleAlone(fields, stage);
  expect(left).toBe(1);
  expect(readOutcome(bench, 0)).toEqual({ ...NOTHING, ...fields, verdict: 0, flags: 0 });
  expect(counters(bench)).toEqual(counted);
  expect(countedReasons(bench)).toEqual({});
});

test('settle forgets the reason of a packet that goes on, so that no later drop is counted under it', () => {
  const { bench, left } = settleAlone({ reason: 2 });
  expect(left).toBe(1);
  expect(readOutcome(bench, 0)).toEqual(NOTHING);
});

test('settle shows nobody what a filter left when it failed', () => {
  const { bench } = settleAlone({ verdict: layout.VERDICT_ABORT, flags: MIRROR });
  expect(counters(bench)).toEqual({ packets: 1, dropped: 1, failed: 1 });
});

const leaves: [string, Partial<OutcomeFields>, Record<string, number>][] = [
  ['accept', { verdict: layout.VERDICT_ACCEPT }, { packets: 1, accepted: 1 }],
  ['reflect', { verdict: layout.VERDICT_REFLECT }, { packets: 1, reflected: 1 }],
  ['redirect', { verdict: layout.VERDICT_REDIRECT, outPort: 200 }, { packets: 1, redirected: 1 }],
];

test.each(leaves)('settle takes a packet out of the list on %s', (_, fields, counted) => {
  const { bench, left } = settleAlone(fields);
  expect(left).toBe(0);
  expect(readOutcome(bench, 0)).toEqual({ ...NOTHING, ...fields });
  expect(counters(bench)).toEqual(counted);
});

const drop = (reason: number): Partial<OutcomeFields> => ({ verdict: layout.VERDICT_DROP, reason });
const edit = (startShift: number, endShift: number): Partial<OutcomeFields> => ({
  flags: MODIFIED,
  startShift,
  endShift,
});
const drops: [string, Partial<OutcomeFields>, StageShape, number][] = [
  ['no reason', drop(0), PLAIN, layout.REASON_UNSPECIFIED],
  ['the first declared reason', drop(1), PLAIN, 40],
  ['the last declared reason', drop(3), PLAIN, 42],
  ['a reason that was not declared', drop(4), PLAIN, layout.REASON_UNSPECIFIED],
  ['a reason behind the table', drop(2), { ...PLAIN, reasonBase: layout.REASON_COUNT - 1 }, layout.REASON_UNSPECIFIED],
  ['a built-in reason', drop(0x8005), PLAIN, layout.REASON_NO_HEADROOM],
  ['a built-in reason that does not exist', drop(0x8010), PLAIN, layout.REASON_UNSPECIFIED],
  ['the largest reason', drop(0xffff), PLAIN, layout.REASON_UNSPECIFIED],
  ['a failure', { verdict: layout.VERDICT_ABORT }, PLAIN, layout.REASON_FILTER_ERROR],
  ['a failure without a policy', { verdict: layout.VERDICT_ABORT }, onError(9), layout.REASON_FILTER_ERROR],
  ['verdict 5', { verdict: 5 }, PLAIN, layout.REASON_BAD_VERDICT],
  ['verdict 255', { verdict: 255 }, onError(layout.VERDICT_CONTINUE), layout.REASON_BAD_VERDICT],
  ['a push beyond the headroom', edit(-(FRAME_START - 11), 0), PLAIN, layout.REASON_NO_HEADROOM],
  ['a frame of 13 bytes', edit(61, 0), PLAIN, layout.REASON_BAD_EDIT],
  ['an end before the start', edit(0, -2147483648), PLAIN, layout.REASON_BAD_EDIT],
  ['an end behind the slot', edit(0, STRIDE - FRAME_START - 74 + 1), PLAIN, layout.REASON_BAD_EDIT],
  ['an end far away', edit(0, 2147483647), PLAIN, layout.REASON_BAD_EDIT],
];

test.each(drops)('settle drops a packet for %s', (_, fields, stage, reason) => {
  const { bench, left } = settleAlone(fields, stage);
  expect(left).toBe(0);
  expect(readOutcome(bench, 0)).toEqual({
    ...NOTHING,
    verdict: layout.VERDICT_DROP,
    reason: layout.REASON_BUILT_IN | reason,
  });
  expect(countedReasons(bench)).toEqual({ [reason]: 1 });
  expect(counters(bench)).toMatchObject({ packets: 1, dropped: 1 });
  expect(frameOf(bench, descriptorOf(0))).toEqual(frame);
});

test('settle takes a push to the last byte of headroom and an end to the last byte of the slot', () => {
  const endShift = STRIDE - FRAME_START - frame.length;
  const { bench, left } = settleAlone({ flags: MODIFIED, startShift: -(FRAME_START - 12), endShift });
  expect(left).toBe(1);
  expect(frameOf(bench, descriptorOf(0)).length).toBe(STRIDE - 12);
});

test('settle dissects an edited packet again at its new place', () => {
  const bench = openLine([TAP]);
  admit(bench, [{ port: 0, frame, virtio }]);
  declare(bench, PLAIN);
  bench.core.push(descriptorOf(0), layout.OUTCOMES_OFFSET, 4);
  bench.bytes.set([...frame.slice(0, 12), 0x81, 0, 0, 5], slotAddress(bench, 0) + FRAME_START - 4);
  expect(bench.core.settle(STAGE, 1)).toBe(1);
  const moved = frameOf(bench, descriptorOf(0));
  expect(moved.length).toBe(frame.length + 4);
  const wanted = dissect(moved, layout.LINK_ETHERNET, { ...virtio, csumStart: 38 });
  expect(readDissected(bench, descriptorOf(0))).toEqual(wanted);
  expect(wanted).toMatchObject({ vlanOuter: 5, l3: 18, malformed: 0 });
  expect(bench.view.getUint16(descriptorOf(0) + layout.DESCRIPTOR_CSUM_START, true)).toBe(38);
  expect(bench.view.getUint32(descriptorOf(0) + layout.DESCRIPTOR_WIRE_LENGTH, true)).toBe(frame.length + 4);
});

test.each([
  ['before its start', 35, 0],
  ['behind its end', 0, -(frame.length - 51)],
])('settle drops a packet whose checksum field would lie %s', (_, startShift, endShift) => {
  const { bench, left } = settleAlone(edit(startShift, endShift), PLAIN, { virtio });
  expect(left).toBe(0);
  expect(countedReasons(bench)).toEqual({ [layout.REASON_BAD_OFFLOAD]: 1 });
});

test('settle lists a mirror of a packet that is dropped, with its edits', () => {
  const { bench, left } = settleAlone({ ...drop(1), flags: MIRROR | MODIFIED, startShift: 4, mirrorPort: 1 });
  expect(left).toBe(0);
  expect(bench.view.getUint32(layout.CONTROL_OFFSET + layout.CONTROL_MIRRORS, true)).toBe(1);
  expect(indicesAt(bench, layout.MIRRORS_OFFSET, 1)).toEqual([0]);
  expect(frameOf(bench, descriptorOf(0))).toEqual(frame.slice(4));
  expect(counters(bench)).toEqual({ packets: 1, dropped: 1, mirrored: 1, modified: 1 });
  expect(countedReasons(bench)).toEqual({ 40: 1 });
});

test('settle lists no mirror of a packet whose edits cannot be', () => {
  const { bench } = settleAlone({ flags: MIRROR | MODIFIED, startShift: 70 });
  expect(bench.view.getUint32(layout.CONTROL_OFFSET + layout.CONTROL_MIRRORS, true)).toBe(0);
  expect(counters(bench)).toEqual({ packets: 1, dropped: 1 });
});

test('settle forgets shifts without an edit, and flags, before the next stage', () => {
  const { bench } = settleAlone({ startShift: 4, endShift: 4, flags: SHORT });
  expect(readOutcome(bench, 0)).toEqual(NOTHING);
  expect(bench.core.settle(STAGE, 1)).toBe(1);
  expect(frameOf(bench, descriptorOf(0))).toEqual(frame);
  expect(counters(bench)).toEqual({ packets: 2, short: 1 });
});

const verdicts = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 5, 15) },
  { weight: 1, arbitrary: fc.nat(255) },
);
const outcomes: fc.Arbitrary<OutcomeFields> = fc.record({
  verdict: verdicts,
  flags: fc.oneof(fc.constant(0), fc.nat(7), fc.nat(255)),
  outPort: fc.nat(255),
  mirrorPort: fc.nat(255),
  reason: fc.oneof(fc.nat(6), fc.integer({ min: 0x8000, max: 0x8020 }), fc.nat(0xffff)),
  startShift: fc.oneof(fc.constant(0), fc.integer({ min: -140, max: 90 }), fc.integer({ min: -0x8000, max: 0x7fff })),
  mark: fc.nat(0xffffffff),
  endShift: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -90, max: 90 }),
    fc.integer({ min: 1900, max: 1950 }),
    fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  ),
});

test('settle agrees with the oracle on any outcomes of any batch', () => {
  const bench = openLine([TAP, TUN]);
  const stages = fc.record({
    reasonBase: fc.integer({ min: 16, max: 60 }),
    reasonCount: fc.nat(4),
    onError: fc.constantFrom(0, 2),
  });
  fc.assert(
    fc.property(
      fc.array(fc.record({ outcome: outcomes, port: fc.nat(1) }), { maxLength: 8 }),
      stages,
      (list, stage) => {
        bench.bytes.fill(0, layout.STAGES_OFFSET, layout.INBOUND_OFFSET);
        declare(bench, stage);
        const arriving = list.map(({ port }) => ({ port, virtio, frame: port === 0 ? frame : packet }));
        expect(admit(bench, arriving)).toBe(list.length);
        list.forEach(({ outcome }, index) => {
          writeOutcome(bench, index, outcome);
        });
        const left = bench.core.settle(STAGE, list.length);
        const settled = list.map(({ outcome, port }) => settleOne(stage, judged(outcome, port)));
        expectSettled(
          bench,
          list.map(({ outcome }) => outcome),
          settled,
        );
        const going = settled.flatMap(({ verdict }, index) => (verdict === layout.VERDICT_CONTINUE ? [index] : []));
        expect(indicesAt(bench, layout.ACTIVE_OFFSET, left)).toEqual(going);
      },
    ),
    { numRuns: 3000 },
  );
});

function judged(outcome: OutcomeFields, port: number): Judged {
  return {
    outcome,
    length: port === 0 ? frame.length : packet.length,
    link: port === 0 ? layout.LINK_ETHERNET : layout.LINK_IP,
    start: FRAME_START,
    stride: STRIDE,
    needsChecksum: true,
    csumStart: virtio.csumStart,
    csumOffset: virtio.csumOffset,
  };
}

/** Holds outcomes, descriptors, counters, reasons and mirrors against what the oracle says. */
function expectSettled(bench: Bench, written: OutcomeFields[], settled: ReturnType<typeof settleOne>[]): void {
  const count = (is: (one: ReturnType<typeof settleOne>, place: number) => boolean): number =>
    settled.filter(is).length;
  const reasons: Record<number, number> = {};
  settled.forEach((one, index) => {
    const outcome = readOutcome(bench, index);
    expect(outcome).toMatchObject({
      verdict: one.verdict,
      flags: 0,
      startShift: 0,
      endShift: 0,
      mark: written[index]?.mark,
    });
    const address = descriptorOf(index);
    const slot = slotAddress(bench, bench.view.getUint16(address + layout.DESCRIPTOR_SLOT, true));
    expect(bench.view.getUint32(address + layout.DESCRIPTOR_FRAME, true) - slot).toBe(one.start);
    expect(bench.view.getUint32(address + layout.DESCRIPTOR_LENGTH, true)).toBe(one.length);
    expect(bench.view.getUint16(address + layout.DESCRIPTOR_CSUM_START, true)).toBe(one.csumStart);
    if (one.reason === undefined) return;
    expect(outcome.reason).toBe(layout.REASON_BUILT_IN | one.reason);
    reasons[one.reason] = (reasons[one.reason] ?? 0) + 1;
  });
  expect(countedReasons(bench)).toEqual(reasons);
  const mirrors = settled.flatMap(({ isMirrored }, index) => (isMirrored ? [index] : []));
  expect(bench.view.getUint32(layout.CONTROL_OFFSET + layout.CONTROL_MIRRORS, true)).toBe(mirrors.length);
  expect(indicesAt(bench, layout.MIRRORS_OFFSET, mirrors.length)).toEqual(mirrors);
  const wanted = {
    packets: settled.length,
    accepted: count(({ verdict }) => verdict === layout.VERDICT_ACCEPT),
    dropped: count(({ verdict }) => verdict === layout.VERDICT_DROP),
    reflected: count(({ verdict }) => verdict === layout.VERDICT_REFLECT),
    redirected: count(({ verdict }) => verdict === layout.VERDICT_REDIRECT),
    mirrored: mirrors.length,
    modified: count(({ isModified }) => isModified),
    short: count((_, index) => ((written[index]?.flags ?? 0) & SHORT) !== 0),
    failed: count((_, index) => written[index]?.verdict === layout.VERDICT_ABORT),
  };
  expect(counters(bench)).toEqual(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value > 0)));
}
