import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Region } from '../../src/core/region.ts';

describe('Region', () => {
  it('gives out the first gap that is large enough, aligned to 64', () => {
    const region = new Region(1024, 640);
    expect([1, 64, 65, 1].map((bytes) => region.take(bytes))).toEqual([1024, 1088, 1152, 1280]);
    region.release(1088);
    region.release(1152);
    expect(region.take(193)).toBe(1344);
    expect(region.take(192)).toBe(1088);
    expect(region.take(65)).toBe(-1);
    expect(region.take(64)).toBe(1600);
    expect(region.take(0)).toBe(-1);
  });

  it('takes back only what it gave', () => {
    const region = new Region(64, 640);
    const address = region.take(100);
    region.release(address);
    expect(() => {
      region.release(address);
    }).toThrow(RangeError);
  });

  it('never gives a byte to two, and has all of it again in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: fc.nat(300), leaves: fc.nat(5) }), { maxLength: 60 }), (steps) => {
        const region = new Region(64, 4096);
        const taken = new Map<number, number>();
        for (const { bytes, leaves } of steps) {
          const address = region.take(bytes);
          if (address >= 0) {
            for (const [other, length] of taken)
              expect(address + bytes <= other || other + length <= address).toBe(true);
            expect(address >= 64 && address + bytes <= 64 + 4096).toBe(true);
            taken.set(address, Math.max(1, bytes));
          }
          const leaving = [...taken.keys()][leaves];
          if (leaving === undefined) continue;
          region.release(leaving);
          taken.delete(leaving);
        }
        for (const address of taken.keys()) region.release(address);
        expect(region.take(4096)).toBe(64);
      }),
    );
  });
});
