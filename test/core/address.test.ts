import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressWords, formatIpv4, formatIpv6, formatMac, parseMac } from '../../src/core/address.ts';

/** The WHATWG host serializer, which writes RFC 5952. */
function canonical(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** Mostly zeros and small groups, so that runs of zeros of all lengths occur. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
});

describe('formatIpv6', () => {
  it('writes the canonical text of RFC 5952', () => {
    fc.assert(
      fc.property(groups, (all) => {
        const words = Uint32Array.from({ length: 4 }, (_, i) => (all[2 * i] ?? 0) * 65_536 + (all[2 * i + 1] ?? 0));
        expect(formatIpv6(words)).toBe(canonical(all.map((group) => group.toString(16)).join(':')));
      }),
      { numRuns: 2000 },
    );
  });

  it('shortens every set of zero groups as RFC 5952 says', () => {
    for (let set = 0; set < 256; set++) {
      const all = Array.from({ length: 8 }, (_, i) => ((set >> i) & 1) * (0xab0 + i));
      const words = Array.from({ length: 4 }, (_, i) => (all[2 * i] ?? 0) * 65_536 + (all[2 * i + 1] ?? 0));
      expect(formatIpv6(words)).toBe(canonical(all.map((group) => group.toString(16)).join(':')));
    }
  });
});

describe('addressWords', () => {
  it('reads what formatIpv6 and formatIpv4 write', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV4(), (six, four) => {
        expect(formatIpv6(addressWords(six, 6))).toBe(canonical(six));
        expect(formatIpv4(addressWords(four, 4)[0] ?? 0)).toBe(four);
      }),
    );
  });

  it('understands :: and an embedded IPv4 address wherever they may stand', () => {
    for (const text of [
      '::',
      '::1',
      '1::',
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
      '::ffff:1.2.3.4',
      '1:2:3:4:5:6:1.2.3.4',
      '64:ff9b::192.0.2.33',
    ]) {
      expect(formatIpv6(addressWords(text, 6))).toBe(canonical(text));
    }
  });

  it('refuses the other version, zones and anything else', () => {
    for (const text of [
      '::1',
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '01.2.3.4',
      '0x1.2.3.4',
      ' 1.2.3.4',
      '1.2.3.4\n',
    ]) {
      expect(() => addressWords(text, 4)).toThrow(TypeError);
    }
    for (const text of [
      '1.2.3.4',
      '',
      ':',
      ':::',
      '1::2::3',
      'g::',
      '1:2:3:4:5:6:7',
      '::1%lo',
      '::1/64',
      '[::1]',
      '::1 ',
    ]) {
      expect(() => addressWords(text, 6)).toThrow(TypeError);
    }
  });
});

describe('addressBytes', () => {
  it('has the bytes as they lie in a header', () => {
    expect([...addressBytes('203.0.113.250', 4)]).toEqual([203, 0, 113, 250]);
    expect([...addressBytes('fd00::ff:1', 6)]).toEqual([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 1]);
  });
});

describe('parseMac', () => {
  it('reads what formatMac writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        expect([...parseMac(formatMac(bytes))]).toEqual([...bytes]);
        expect([...parseMac(formatMac(bytes).toUpperCase())]).toEqual([...bytes]);
      }),
    );
  });
});
