import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { offloadMask } from '../../src/device/offloadMask.ts';
import { OFFLOAD_BITS, type Offload } from '../../src/device/offloads.ts';
import { probeFrames } from '../../src/device/probeFrames.ts';
import { judgeOffloads } from '../../src/device/probeOffloads.ts';
import { stepDownOffloads } from '../../src/device/stepDown.ts';
import { decodeVirtioHeader } from '../../src/device/virtioHeader.ts';

const names = Object.keys(OFFLOAD_BITS) as Offload[];
const DOWN = 5;
const REFUSED = 22;

describe('judgeOffloads', () => {
  /** A kernel that refuses nonsense, and what `isBad` says. */
  const kernel =
    (isBad: (header: ReturnType<typeof decodeVirtioHeader>, payload: number) => boolean) => (frame: Uint8Array) => {
      const header = decodeVirtioHeader(frame);
      return header.gsoType === 2 || isBad(header, frame.length - 12 - header.hdrLen) ? REFUSED : DOWN;
    };

  it('accepts everything from a kernel in order', () => {
    expect(judgeOffloads(kernel(() => false))).toEqual({ accepted: names, refused: [], isConclusive: true });
  });

  it('finds a kernel out that refuses short tails', () => {
    const isShort = kernel(({ gsoSize }, payload) => gsoSize > 0 && payload % gsoSize !== 0);
    expect(judgeOffloads(isShort)).toMatchObject({ accepted: ['csum'], refused: names.slice(1) });
  });

  it('gives up both USO for one, and CWR with the last TSO', () => {
    const noUdp6 = kernel(({ gsoType, csumStart }) => gsoType === 5 && csumStart === 54);
    expect(judgeOffloads(noUdp6).refused).toEqual(['uso4', 'uso6']);
    expect(judgeOffloads(kernel(({ gsoType }) => (gsoType & 0x80) !== 0)).refused).toEqual(['tsoEcn']);
    expect(judgeOffloads(kernel(({ gsoType }) => gsoType === 1 || gsoType === 4)).refused).toEqual([
      'tso4',
      'tso6',
      'tsoEcn',
    ]);
  });

  it('knows nothing of a kernel that does not look', () => {
    expect(judgeOffloads(() => DOWN)).toEqual({ accepted: names, refused: [], isConclusive: false });
  });

  it('tries each kind with whole segments, a short last one, and one byte', () => {
    const tails = (offload: Offload) =>
      probeFrames()
        .filter((frame) => frame.offload === offload)
        .map(({ bytes }) => (bytes.length - 12 - decodeVirtioHeader(bytes).hdrLen) % 1000);
    for (const name of names.slice(1)) expect(tails(name)).toEqual([0, 500, 1]);
    expect(tails('csum')).toEqual([0]);
  });
});

describe('stepDownOffloads', () => {
  it.each([
    [1, 'tso4'],
    [4, 'tso6'],
  ] as const)('gives up the kind that failed: type %i', (gsoType, name) => {
    expect(stepDownOffloads(names, gsoType)).toEqual(names.filter((one) => one !== name));
  });

  it('gives up UDP as a whole, and CWR before TCP', () => {
    expect(stepDownOffloads(names, 5)).toEqual(['csum', 'tso4', 'tso6', 'tsoEcn']);
    expect(stepDownOffloads(names, 0x81)).toEqual(['csum', 'tso4', 'tso6', 'uso4', 'uso6']);
    expect(stepDownOffloads(['csum', 'tso4', 'tso6'], 0x84)).toEqual(['csum', 'tso4']);
    expect(stepDownOffloads(['csum', 'tso4', 'tsoEcn'], 1)).toEqual(['csum']);
  });

  it('changes nothing when the frame is no super-packet, or of a kind that was never granted', () => {
    for (const gsoType of [0, 2, 3, 0x80, 99]) expect(stepDownOffloads(names, gsoType)).toBe(names);
    const few: Offload[] = ['csum', 'tso6'];
    expect(stepDownOffloads(few, 1)).toBe(few);
  });

  it('always ends, and every step is valid for setOffloads', () => {
    const types = fc.constantFrom(1, 4, 5, 0x81, 0x84);
    fc.assert(
      fc.property(fc.array(types, { minLength: 1, maxLength: 12 }), (failures) => {
        let now: readonly Offload[] = names;
        let steps = 0;
        for (const gsoType of failures) {
          const next = stepDownOffloads(now, gsoType);
          if (next !== now) steps++;
          expect(next.every((name) => now.includes(name))).toBe(true);
          offloadMask(next, true);
          now = next;
        }
        expect(steps).toBeLessThanOrEqual(4);
      }),
    );
  });
});
