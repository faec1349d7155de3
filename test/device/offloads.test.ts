import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { negotiateOffloads } from '../../src/device/negotiate.ts';
import { offloadMask, offloadNames } from '../../src/device/offloadMask.ts';
import { OFFLOAD_BITS, type Offload, type OffloadChoice } from '../../src/device/offloads.ts';

const names = Object.keys(OFFLOAD_BITS) as Offload[];

describe('offloadMask', () => {
  it('knows names, lists, words and raw masks', () => {
    const table: [OffloadChoice, number][] = [
      ['all', 0x6f],
      ['none', 0],
      [[], 0],
      [['csum'], 1],
      [['tso4', 'csum'], 3],
      [['csum', 'uso4', 'uso6'], 0x61],
      [0, 0],
      [0x0f, 0x0f],
    ];
    for (const [choice, mask] of table) expect(offloadMask(choice, true)).toBe(mask);
  });

  it('refuses combinations that the kernel refuses, or takes to the harm of traffic', () => {
    expect(() => offloadMask(['csum'], false)).toThrow('Offloads need virtioHeader: true, got csum');
    expect(() => offloadMask(1, false)).toThrow(TypeError);
    expect(() => offloadMask(['tso4'], true)).toThrow('need csum too');
    expect(() => offloadMask(0x60, true)).toThrow('need csum too');
    expect(() => offloadMask(['csum', 'uso4'], true)).toThrow('uso4 and uso6 only together');
    expect(() => offloadMask(0x41, true)).toThrow('only together');
    expect(offloadMask('none', false)).toBe(0);
  });

  it('refuses what is no choice', () => {
    expect(() => offloadMask(['tso5'] as never, true)).toThrow('got "tso5"');
    expect(() => offloadMask(['toString'] as never, true)).toThrow(TypeError);
    expect(() => offloadMask('csum' as never, true)).toThrow("'all', 'none'");
    for (const mask of [-1, 0x10, 0x80, 0x100, 1.5, NaN, 2 ** 32 + 1]) {
      expect(() => offloadMask(mask, true)).toThrow(RangeError);
    }
  });

  it('is undone by offloadNames, in the order of the bits', () => {
    expect(offloadNames(0x6f)).toEqual(['csum', 'tso4', 'tso6', 'tsoEcn', 'uso4', 'uso6']);
    fc.assert(
      fc.property(fc.subarray(names), (some) => {
        const mask = some.reduce((bits, name) => bits | OFFLOAD_BITS[name], 0);
        expect(offloadNames(mask)).toEqual(some);
      }),
    );
  });
});

describe('negotiateOffloads', () => {
  /** The kernel's own check (set_offload in drivers/net/tun.c), for the bits that it knows. */
  const kernel = (known: number) => (mask: number) => {
    const uso = mask & 0x60;
    const isValid = (mask & ~known) === 0 && (mask === 0 || (mask & 1) !== 0) && (uso === 0 || uso === 0x60);
    return isValid ? 0 : 22;
  };

  it('steps down from mask to mask', () => {
    const tried: number[] = [];
    const result = negotiateOffloads(0x6f, (mask) => (tried.push(mask), mask === 0 ? 0 : 22));
    expect(tried).toEqual([0x6f, 0x67, 0x0f, 0x07, 0x01, 0]);
    expect(result).toEqual({ granted: 0, errno: 0 });
  });

  it('never asks twice for the same mask', () => {
    const tried: number[] = [];
    negotiateOffloads(0x61, (mask) => (tried.push(mask), 22));
    expect(tried).toEqual([0x61, 0x01, 0]);
  });

  it.each([
    ['6.18', 0x6f, 0x6f, 0x6f],
    ['without ECN', 0x67, 0x6f, 0x67],
    ['before 6.2, without USO', 0x0f, 0x6f, 0x0f],
    ['with neither', 0x07, 0x6f, 0x07],
    ['checksums only', 0x01, 0x6f, 0x01],
    ['nothing', 0x00, 0x6f, 0x00],
    ['asked for TSO4 only', 0x0f, 0x03, 0x03],
    ['asked for USO, not there', 0x0f, 0x61, 0x01],
    ['asked for nothing', 0x6f, 0x00, 0x00],
  ])('on a kernel %s (0x%x) grants, of 0x%x, 0x%x', (_label, known, asked, granted) => {
    expect(negotiateOffloads(asked, kernel(known))).toEqual({ granted, errno: 0 });
  });

  it('grants a subset of what was asked, which the kernel accepted', () => {
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (asked, known) => {
        const bits = (some: Offload[]) => some.reduce((mask, name) => mask | OFFLOAD_BITS[name], 0);
        const accepts = kernel(bits(known));
        const { granted, errno } = negotiateOffloads(bits(asked), accepts);
        expect(errno).toBe(0);
        expect(granted & ~bits(asked)).toBe(0);
        expect(accepts(granted)).toBe(0);
      }),
    );
  });

  it('stops at any other error', () => {
    const tried: number[] = [];
    expect(negotiateOffloads(0x6f, (mask) => (tried.push(mask), 77))).toEqual({ granted: 0, errno: 77 });
    expect(tried).toEqual([0x6f]);
  });
});
