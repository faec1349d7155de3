import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { hostile, honest, virtioFields } from './arbitraries.ts';
import { copyOf, openBench } from './bench.ts';
import { DESCRIPTOR, NO_VIRTIO, dissectFrame, flowHashOf } from './descriptor.ts';
import { dissect } from './oracle/dissect.ts';

const bench = openBench();

test('dissect agrees with the oracle on honest packets', () => {
  fc.assert(
    fc.property(honest, ({ link, frame }) => {
      expect(dissectFrame(bench, frame, link)).toEqual(dissect(frame, link, NO_VIRTIO));
    }),
    { numRuns: 3000 },
  );
});

test('dissect agrees with the oracle on hostile packets with any virtio header', () => {
  fc.assert(
    fc.property(hostile, virtioFields, ({ link, frame }, virtio) => {
      expect(dissectFrame(bench, frame, link, virtio)).toEqual(dissect(frame, link, virtio));
    }),
    { numRuns: 6000 },
  );
});

test('dissect agrees with the oracle on packets cut at every length', () => {
  fc.assert(
    fc.property(honest, ({ link, frame }) => {
      for (let length = 0; length < frame.length; length++) {
        const cut = frame.slice(0, length);
        expect(dissectFrame(bench, cut, link)).toEqual(dissect(cut, link, NO_VIRTIO));
      }
    }),
    { numRuns: 150 },
  );
});

test('dissect does not depend on bytes outside the frame', () => {
  fc.assert(
    fc.property(hostile, virtioFields, ({ link, frame }, virtio) => {
      const once = { ...dissectFrame(bench, frame, link, virtio, 0x00), hash: flowHashOf(bench) };
      const again = { ...dissectFrame(bench, frame, link, virtio, 0xff), hash: flowHashOf(bench) };
      expect(again).toEqual(once);
    }),
    { numRuns: 1000 },
  );
});

test('dissect writes neither the frame nor the fields that are not its own', () => {
  fc.assert(
    fc.property(hostile, ({ link, frame }) => {
      dissectFrame(bench, frame, link, NO_VIRTIO, 0x5a);
      expect(copyOf(bench, bench.bytes.length - frame.length, frame.length)).toEqual(Uint8Array.from(frame));
      const { view } = bench;
      expect(view.getUint32(DESCRIPTOR + layout.DESCRIPTOR_WIRE_LENGTH)).toBe(0x5a5a5a5a);
      expect(view.getBigUint64(DESCRIPTOR + layout.DESCRIPTOR_TIME)).toBe(0x5a5a5a5a5a5a5a5an);
      expect(view.getUint16(DESCRIPTOR + layout.DESCRIPTOR_SLOT)).toBe(0x5a5a);
      expect(view.getUint16(DESCRIPTOR + layout.DESCRIPTOR_IN_PORT)).toBe(0x5a5a);
    }),
    { numRuns: 300 },
  );
});
