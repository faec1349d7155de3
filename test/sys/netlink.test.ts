import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { attribute, attributeNumber, attributes, attributeText } from '../../src/sys/netlink.ts';

describe('attributes', () => {
  it('finds what attribute has written, whatever the padding', () => {
    const values = fc.uint8Array({ maxLength: 9 });
    const entries = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 0x3fff }), values), {
      selector: ([type]) => type,
    });
    fc.assert(
      fc.property(entries, (list) => {
        const bytes = Uint8Array.from(list.flatMap(([type, value]) => [...attribute(type, value)]));
        expect(attributes(bytes)).toEqual(new Map(list));
      }),
    );
  });

  it('ignores the flags in a type', () => {
    expect([...attributes(attribute(0x8012, new Uint8Array(0))).keys()]).toEqual([0x12]);
  });

  it('stops at a length that is too short or too long, and reads nothing outside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const value of attributes(bytes).values()) expect(value.length).toBeLessThanOrEqual(bytes.length - 4);
      }),
    );
    expect(attributes(Uint8Array.of(0, 0, 1, 0)).size).toBe(0);
    expect(attributes(Uint8Array.of(9, 0, 1, 0, 1, 2, 3, 4)).size).toBe(0);
  });
});

describe('attributeText and attributeNumber', () => {
  it('end at the NUL, and at the last byte', () => {
    expect(attributeText(Uint8Array.of(0x74, 0x61, 0x70, 0, 0x78))).toBe('tap');
    expect(attributeText(Uint8Array.of(0x74))).toBe('t');
    expect(attributeNumber(Uint8Array.of(1, 2, 0, 0x80))).toBe(0x80000201);
    expect([attributeText(), attributeNumber()]).toEqual(['', 0]);
  });
});
