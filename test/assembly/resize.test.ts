import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { copyOf } from './bench.ts';
import {
  FRAME_START,
  TAP,
  admit,
  descriptorOf,
  openLine,
  outcomeOf,
  readOutcome,
  slotAddress,
  writeOutcome,
} from './line.ts';
import { filler } from './packets.ts';

const bench = openLine([TAP]);
const { core } = bench;
const frame = filler(60);
const start = slotAddress(bench, 0) + FRAME_START;
const push = (bytes: number): number => core.push(descriptorOf(0), outcomeOf(0), bytes);
const pop = (bytes: number): number => core.pop(descriptorOf(0), outcomeOf(0), bytes);
const take = (): number => admit(bench, [{ port: 0, frame }]);
const shift = (): number => readOutcome(bench, 0).startShift;

test('push moves the start back over zeroed bytes and leaves the frame alone', () => {
  take();
  expect(push(4)).toBe(1);
  expect(push(20)).toBe(1);
  expect(readOutcome(bench, 0)).toMatchObject({ startShift: -24, flags: layout.OUTCOME_FLAG_MODIFIED, verdict: 0 });
  expect(copyOf(bench, start - 24, 24)).toEqual(new Uint8Array(24));
  expect(copyOf(bench, start, 60)).toEqual(frame);
});

test('push takes all the headroom but not the room of the virtio header', () => {
  take();
  expect(push(FRAME_START - layout.VNET_BYTES)).toBe(1);
  const before = copyOf(bench, start - FRAME_START, layout.VNET_BYTES);
  expect(push(1)).toBe(0);
  expect(copyOf(bench, start - FRAME_START, layout.VNET_BYTES)).toEqual(before);
  expect(readOutcome(bench, 0)).toMatchObject({
    verdict: layout.VERDICT_DROP,
    reason: layout.REASON_BUILT_IN | layout.REASON_NO_HEADROOM,
    startShift: -(FRAME_START - layout.VNET_BYTES),
  });
});

test.each([119, 0x8001, 0x7fffffff, -1])('push refuses %i bytes', (bytes) => {
  take();
  expect(push(bytes)).toBe(0);
  expect(readOutcome(bench, 0)).toMatchObject({ verdict: layout.VERDICT_DROP, startShift: 0, flags: 0 });
});

test('pop moves the start forward until one byte is left', () => {
  take();
  expect(pop(59)).toBe(1);
  expect(pop(1)).toBe(0);
  expect(readOutcome(bench, 0)).toMatchObject({ startShift: 59, flags: layout.OUTCOME_FLAG_MODIFIED, verdict: 0 });
});

test('pop and push take each other back', () => {
  take();
  pop(4);
  expect(push(4)).toBe(1);
  expect(shift()).toBe(0);
});

test('pop counts with an end that was moved', () => {
  take();
  writeOutcome(bench, 0, { endShift: -50 });
  expect(pop(10)).toBe(0);
  expect(pop(9)).toBe(1);
});

test.each([60, 0x8000, 0x7fffffff, -1])('pop refuses %i bytes', (bytes) => {
  take();
  expect(pop(bytes)).toBe(0);
  expect(readOutcome(bench, 0)).toMatchObject({ startShift: 0, flags: 0 });
});
