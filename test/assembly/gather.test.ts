import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { POISON, copyOf } from './bench.ts';
import {
  FRAME_START,
  STRIDE,
  TAP,
  admit,
  descriptorOf,
  openLine,
  outcomeOf,
  slotAddress,
  writeOutcome,
} from './line.ts';
import { frameOf } from './descriptor.ts';

/** Address in the filter's memory at which the batch will lie. */
const THERE = 0x1000;
const pad = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** A line with packets of these lengths; `active` lists those that filters see. */
function line(lengths: readonly number[], active: readonly number[] = lengths.map((_, i) => i)) {
  const bench = openLine([TAP], STRIDE, layout.STAGING_BYTES + 64);
  const frames = lengths.map((length, i) => Uint8Array.from({ length }, (_, at) => (at * 7 + i * 31 + 1) & 0xff));
  expect(
    admit(
      bench,
      frames.map((frame) => ({ port: 0, frame })),
    ),
  ).toBe(lengths.length);
  active.forEach((index, position) => {
    bench.view.setUint16(layout.ACTIVE_OFFSET + position * layout.INDEX_BYTES, index, true);
  });
  const staging = bench.bytes.length - layout.STAGING_BYTES;
  bench.bytes.fill(POISON, staging);
  return { bench, frames, staging };
}

test.each([
  [false, 128, 0],
  [true, 128, 0],
  [true, 48, 20],
  [true, 0, 4],
  [false, 0, 0],
])(
  'gather shows each frame up to the window, and nothing behind it (fixed %s, window %i, headroom %i)',
  (isFixed, window, headroom) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }), (lengths) => {
        const { bench, frames, staging } = line(lengths);
        const count = lengths.length;
        bench.view.setUint32(outcomeOf(0) + layout.OUTCOME_MARK, 77, true);
        const used = bench.core.gather(staging, THERE, count, window, headroom, isFixed ? 1 : 0);
        frames.forEach((frame, i) => {
          const copy = staging + i * layout.DESCRIPTOR_BYTES;
          const address = bench.view.getUint32(copy + layout.DESCRIPTOR_FRAME, true);
          const shown = Math.min(window, frame.length);
          const at = staging + address - THERE;
          const room = isFixed ? pad(window) : pad(shown);
          expect(copyOf(bench, at, room)).toEqual(
            Uint8Array.from({ length: room }, (_, n) => (n < shown ? (frame[n] ?? 0) : 0)),
          );
          if (isFixed) expect(copyOf(bench, at - pad(headroom), pad(headroom))).toEqual(new Uint8Array(pad(headroom)));
          expect(copyOf(bench, copy + 4, 60)).toEqual(copyOf(bench, descriptorOf(i) + 4, 60));
          expect(at + room).toBeLessThanOrEqual(staging + used);
        });
        const outcomes = copyOf(bench, staging + count * layout.DESCRIPTOR_BYTES, count * layout.OUTCOME_BYTES);
        expect(outcomes).toEqual(copyOf(bench, outcomeOf(0), outcomes.length));
        expect(bench.bytes[staging + used]).toBe(POISON);
      }),
      { numRuns: 50 },
    );
  },
);

test('gather takes the active packets only, in their order', () => {
  const { bench, frames, staging } = line([60, 61, 62], [2, 0]);
  bench.core.gather(staging, THERE, 2, 128, 0, 0);
  const lengths = [0, 1].map((i) => bench.view.getUint32(staging + i * 64 + layout.DESCRIPTOR_LENGTH, true));
  expect(lengths).toEqual([frames[2]?.length, frames[0]?.length]);
});

test('gather and scatter do nothing when asked for more than there is room for', () => {
  const { bench, staging } = line([60]);
  for (const [count, window, headroom] of [
    [257, 128, 0],
    [256, 4096, 128],
    [-1, 128, 0],
    [1, -1, 0],
    [1, 65_536, 0],
    [1, 128, -1],
  ] as const) {
    expect(bench.core.gather(staging, THERE, count, window, headroom, 1)).toBe(0);
    bench.core.scatter(staging, count, window, headroom, 1);
  }
  expect(bench.bytes[staging]).toBe(POISON);
});

test('scatter writes bytes back only inside of the window, the headroom said and the slot, and only for those who write', () => {
  const shift = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -32768, max: 32767 }));
  const end = fc.oneof(fc.integer({ min: -200, max: 3000 }), fc.constantFrom(-2147483648, 2147483647));
  fc.assert(
    fc.property(
      fc.record({
        length: fc.integer({ min: 14, max: 200 }),
        startShift: shift,
        endShift: end,
        flags: fc.nat(255),
        writes: fc.boolean(),
      }),
      ({ length, startShift, endShift, flags, writes }) => {
        const [window, headroom] = [96, 16];
        const { bench, frames, staging } = line([length]);
        const used = bench.core.gather(staging, THERE, 1, window, headroom, 1);
        const before = copyOf(bench, slotAddress(bench, 0), STRIDE);
        writeOutcome(bench, 0, { flags, startShift, endShift });
        const outcome = copyOf(bench, outcomeOf(0), layout.OUTCOME_BYTES);
        bench.bytes.set(outcome, staging + layout.DESCRIPTOR_BYTES);
        bench.bytes.fill(0, outcomeOf(0), outcomeOf(0) + layout.OUTCOME_BYTES);
        bench.bytes.fill(0x5c, staging + layout.DESCRIPTOR_BYTES + layout.OUTCOME_BYTES, staging + used);
        bench.core.scatter(staging, 1, window, headroom, writes ? 1 : 0);
        expect(copyOf(bench, outcomeOf(0), layout.OUTCOME_BYTES)).toEqual(outcome);
        const pushed = Math.max(0, -startShift);
        const last = Math.min(window, length + Math.max(0, endShift));
        const isTaken = writes && (flags & layout.OUTCOME_FLAG_MODIFIED) !== 0 && pushed <= headroom;
        const expected = before.slice();
        if (isTaken) expected.fill(0x5c, FRAME_START - pushed, FRAME_START + last);
        expect(copyOf(bench, slotAddress(bench, 0), STRIDE)).toEqual(expected);
        expect(frameOf(bench, descriptorOf(0)).length).toBe(frames[0]?.length);
      },
    ),
  );
});

test('roomBefore is the least that all active packets have', () => {
  const { bench } = line([60, 60, 60], [0, 2]);
  const move = (index: number, frame: number): void => {
    bench.view.setUint32(descriptorOf(index) + layout.DESCRIPTOR_FRAME, slotAddress(bench, index) + frame, true);
  };
  expect(bench.core.roomBefore(2, 64)).toBe(64);
  move(1, 12);
  expect(bench.core.roomBefore(2, 64)).toBe(64);
  move(2, 12 + 10);
  expect(bench.core.roomBefore(2, 64)).toBe(10);
});
