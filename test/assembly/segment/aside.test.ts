import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../../assembly/layout.ts';
import { hostile, honest, virtioFields } from '../arbitraries.ts';
import { POISON, copyOf } from '../bench.ts';
import { NO_VIRTIO, frameOf } from '../descriptor.ts';
import { countedReasons, descriptorOf, indicesAt, outboundOf, readOutcome, readRecord, writeOutcome } from '../line.ts';
import { type SuperShape, segmentFrames } from '../oracle/segment.ts';
import { filler } from '../packets.ts';
import { superShapes } from './arbitraries.ts';
import {
  type Arena,
  type Arriving,
  PLAIN,
  WHOLE,
  admit,
  arrivingOf,
  asideNumber,
  fillStock,
  openArena,
} from './line.ts';

const { PORTION_FOR_PORTS, PORTION_FOR_FILTERS, PORTION_CLOSED } = layout;
const ASIDE_SEGMENT_SLOTS = 3;

/** A plain TCP super-packet of `segments` segments of one byte. */
const simple = (segments: number, change: Partial<SuperShape> = {}): SuperShape => ({
  link: layout.LINK_ETHERNET,
  tags: [],
  version: 4,
  protocol: 6,
  source: Uint8Array.of(10, 0, 0, 1),
  destination: Uint8Array.of(10, 0, 0, 2),
  lastStop: undefined,
  ipOptions: new Uint8Array(),
  chain: [],
  identification: 0,
  sequence: 0,
  flags: 0x18,
  tcpOptions: new Uint8Array(),
  hasEcn: false,
  payload: filler(segments),
  gsoSize: 1,
  hidesLength: false,
  padding: 0,
  ...change,
});
const plainFrame: Arriving = { port: 0, frame: filler(60), virtio: NO_VIRTIO };

/** Fates of the packets of the batch, in order. */
const verdicts = (arena: Arena, count: number): number[] =>
  Array.from({ length: count }, (_, index) => readOutcome(arena, index).verdict);
const slotOf = (arena: Arena, index: number): number =>
  arena.view.getUint16(descriptorOf(index) + layout.DESCRIPTOR_SLOT, true);

test('a portion holds a batch, and the next one goes on where it ended', () => {
  const arena = openArena();
  admit(arena, [plainFrame, arrivingOf(simple(300)), plainFrame]);
  arena.core.setAside(0, 3);
  fillStock(arena, layout.BATCH_COUNT);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(layout.BATCH_COUNT);
  expect(asideNumber(arena, layout.ASIDE_MADE)).toBe(255);
  expect(asideNumber(arena, layout.ASIDE_STOCK)).toBe(1);
  expect(indicesAt(arena, layout.ACTIVE_OFFSET, 256)).toEqual(Array.from({ length: 256 }, (_, index) => index));
  const first = Array.from({ length: 255 }, (_, index) => slotOf(arena, index + 1));
  expect(new Set(first).size).toBe(255);
  for (const slot of first) arena.release(slot);
  fillStock(arena, layout.BATCH_COUNT);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(300 - 255 + 1);
  expect(asideNumber(arena, layout.ASIDE_MADE)).toBe(44);
  expect(frameOf(arena, descriptorOf(45))).toEqual(plainFrame.frame);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(0);
});

test('a portion ends where no slot is free; one that would be empty drops what is left, as one packet', () => {
  const arena = openArena();
  admit(arena, [plainFrame, arrivingOf(simple(10)), plainFrame]);
  arena.core.setAside(0, 3);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(1);
  fillStock(arena, ASIDE_SEGMENT_SLOTS);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(ASIDE_SEGMENT_SLOTS);
  expect(countedReasons(arena)).toEqual({});
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(2);
  expect(verdicts(arena, 2)).toEqual([layout.VERDICT_DROP, layout.VERDICT_CONTINUE]);
  expect(countedReasons(arena)).toEqual({ [layout.REASON_NO_SLOT]: 1 });
  expect(asideNumber(arena, layout.ASIDE_MADE)).toBe(0);
});

test('the last segment needs no slot', () => {
  const arena = openArena();
  admit(arena, [arrivingOf(simple(2))]);
  arena.core.setAside(0, 1);
  fillStock(arena, 1);
  const read = slotOf(arena, 0);
  expect(arena.core.portion(PORTION_FOR_PORTS)).toBe(2);
  expect(slotOf(arena, 1)).toBe(read);
  expect([0, 1].map((index) => frameOf(arena, descriptorOf(index)).at(-1))).toEqual([...filler(2)]);
});

test('what was decided stays decided, and goes to its segments: verdict, port and mark', () => {
  const arena = openArena();
  const shape = simple(2);
  admit(arena, [shape, shape, shape, shape, shape].map(arrivingOf));
  writeOutcome(arena, 0, { verdict: layout.VERDICT_ACCEPT, mark: 1 });
  writeOutcome(arena, 1, { verdict: layout.VERDICT_DROP, reason: layout.REASON_BUILT_IN, mark: 2 });
  writeOutcome(arena, 2, { verdict: layout.VERDICT_REFLECT, mark: 3 });
  writeOutcome(arena, 3, { verdict: layout.VERDICT_REDIRECT, outPort: 2, mark: 4 });
  writeOutcome(arena, 4, { mark: 5 });
  arena.core.setAside(0, 5);
  fillStock(arena, layout.BATCH_COUNT);
  // What is reflected goes back to a port that takes it.
  expect(arena.core.portion(PORTION_FOR_FILTERS)).toBe(2 + 1 + 1 + 2 + 2);
  expect(Array.from({ length: 8 }, (_, index) => readOutcome(arena, index).mark)).toEqual([1, 1, 2, 3, 4, 4, 5, 5]);
  expect(verdicts(arena, 8)).toEqual([1, 1, 2, 3, 4, 4, 0, 0]);
  expect(asideNumber(arena, layout.ASIDE_ACTIVE)).toBe(2);
  expect(indicesAt(arena, layout.ACTIVE_OFFSET, 2)).toEqual([6, 7]);
  expect(arena.core.route(8)).toBe(8);
  expect(Array.from({ length: 8 }, (_, index) => outboundOf(arena, index).port)).toEqual([
    2,
    2,
    layout.NO_PORT,
    0,
    2,
    2,
    2,
    2,
  ]);
});

test('a portion of a line that is closed drops whatever nobody has dropped', () => {
  const arena = openArena();
  admit(arena, [arrivingOf(simple(300)), plainFrame, plainFrame]);
  writeOutcome(arena, 1, { verdict: layout.VERDICT_DROP, reason: layout.REASON_BUILT_IN });
  arena.core.setAside(0, 3);
  fillStock(arena, layout.BATCH_COUNT);
  arena.core.portion(PORTION_FOR_PORTS);
  expect(arena.core.portion(PORTION_CLOSED)).toBe(3);
  expect(countedReasons(arena)).toEqual({ [layout.REASON_CLOSED]: 2 });
  expect(asideNumber(arena, layout.ASIDE_ACTIVE)).toBe(0);
});

test('route stops at a super-packet that must be cut, and drops it while others are set aside', () => {
  const arena = openArena();
  admit(arena, [plainFrame, arrivingOf(simple(2)), plainFrame]);
  arena.core.setAside(2, 3);
  expect(arena.core.route(2)).toBe(2);
  expect(countedReasons(arena)).toEqual({ [layout.REASON_NEEDS_SEGMENTATION]: 1 });
  arena.core.portion(PORTION_FOR_PORTS);
  const again = openArena();
  admit(again, [plainFrame, arrivingOf(simple(2)), plainFrame]);
  expect(again.core.route(3)).toBe(1);
  expect(countedReasons(again)).toEqual({});
});

test('supers counts the active super-packets', () => {
  const arena = openArena();
  expect(admit(arena, [plainFrame, arrivingOf(simple(2)), arrivingOf(simple(1)), arrivingOf(simple(3))])).toBe(4);
  expect(arena.core.supers(4)).toBe(2);
  expect(arena.core.supers(3)).toBe(1);
  expect(arena.core.supers(0)).toBe(0);
});

test('segments says how many, and 0 of what is no super-packet or cannot be cut', () => {
  const arena = openArena();
  const broken = arrivingOf(simple(4));
  const long = arrivingOf(simple(1, { payload: filler(4000), gsoSize: 3000 }));
  admit(arena, [
    arrivingOf(simple(7)),
    arrivingOf(simple(1)),
    plainFrame,
    { ...broken, virtio: { ...broken.virtio, csumStart: 30 } },
    { ...broken, frame: broken.frame.slice(0, -1) },
    long,
  ]);
  const counts = Array.from({ length: 6 }, (_, index) => arena.core.segments(descriptorOf(index)));
  expect(counts).toEqual([7, 0, 0, 0, 0, 0]);
});

test('mirrored segments are copies with checksums, and leave the packet alone', () => {
  const arena = openArena();
  fc.assert(
    fc.property(
      superShapes.filter(({ payload, gsoSize }) => payload.length / gsoSize < 200),
      (shape) => {
        const arriving = arrivingOf(shape);
        admit(arena, [arriving]);
        const target = PLAIN[shape.link] ?? 0;
        segmentFrames(shape).forEach((frame, number) => {
          const slot = arena.takeForSegment();
          arena.core.mirrorSegment(0, number, slot, target);
          const record = readRecord(arena, layout.CONTROL_OFFSET + layout.CONTROL_COPY_RECORD);
          expect(record).toMatchObject({ slot, port: target | layout.RECORD_FLAG_COPY, length: frame.length + 12 });
          const bytes = copyOf(arena, arena.address(slot) + record.offset, record.length);
          expect(Buffer.compare(bytes, Buffer.concat([Buffer.alloc(12), frame]))).toBe(0);
          arena.release(slot);
        });
        expect(Buffer.compare(frameOf(arena, descriptorOf(0)), arriving.frame)).toBe(0);
        arena.release(slotOf(arena, 0));
      },
    ),
    { numRuns: 50 },
  );
});

test('whatever comes in, and however it is cut, nothing is written outside of the slots that were given for it', () => {
  const anything = fc.oneof(
    superShapes.map(arrivingOf),
    fc
      .tuple(superShapes.map(arrivingOf), fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }))
      .map(([one, flips]) => {
        for (const [offset, value] of flips) if (offset < one.frame.length) one.frame[offset] = value;
        return one;
      }),
    fc.tuple(superShapes.map(arrivingOf), virtioFields).map(([one, virtio]) => ({ ...one, virtio })),
    fc.tuple(fc.oneof(honest, hostile), virtioFields).map(([{ link, frame }, virtio]) => ({
      port: WHOLE[link] ?? 0,
      frame,
      virtio,
    })),
  );
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 6 }), fc.constantFrom(0, 1), fc.nat(40), (list, kind, stock) => {
      const arena = openArena(64);
      admit(arena, list);
      const read = list.map((_, index) => slotOf(arena, index));
      arena.core.setAside(0, list.length);
      const given = new Set<number>(read);
      for (let rounds = 0; ; rounds++) {
        fillStock(arena, stock);
        for (let i = 0; i < stock; i++) given.add(arena.view.getUint16(layout.STOCK_OFFSET + 2 * i, true));
        const before = asideNumber(arena, layout.ASIDE_STOCK);
        const count = arena.core.portion(kind);
        if (count === 0) break;
        expect(arena.core.route(count)).toBe(count);
        expect(before - asideNumber(arena, layout.ASIDE_STOCK)).toBe(asideNumber(arena, layout.ASIDE_MADE));
        for (let index = 0; index < count; index++) {
          const slot = slotOf(arena, index);
          const { offset, length } = outboundOf(arena, index);
          expect(given.has(slot)).toBe(true);
          expect(offset + length).toBeLessThanOrEqual(arena.stride(slot));
          if (!read.includes(slot)) arena.release(slot);
        }
        expect(rounds).toBeLessThan(70_000);
      }
      for (let slot = 0; slot < arena.slotCount; slot++) {
        if (given.has(slot)) continue;
        const bytes = arena.bytes.subarray(
          arena.address(slot),
          arena.address(slot) + Math.min(arena.stride(slot), 4096),
        );
        if (bytes.some((byte) => byte !== POISON)) expect.fail(`slot ${slot} was written`);
      }
    }),
    { numRuns: 40 },
  );
});
