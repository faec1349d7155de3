import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressWords } from '../../src/core/address.ts';
import { prefix } from '../../src/core/prefix.ts';

function isIn(address: string, version: 4 | 6, text: string): boolean {
  const { words, masks } = prefix(text);
  return addressWords(address, version).every((word, i) => (word & (masks[i] ?? 0)) >>> 0 === words[i]);
}

describe('prefix', () => {
  it('has the addresses that the one of node:net has', () => {
    for (const [version, bits, arbitrary] of [
      [4, 32, fc.ipV4()],
      [6, 128, fc.ipV6()],
    ] as const) {
      fc.assert(
        fc.property(arbitrary, arbitrary, fc.integer({ min: 0, max: bits }), (network, address, length) => {
          const list = new BlockList();
          list.addSubnet(network, length, `ipv${version}`);
          const text = `${network}/${length}`;
          expect([text, address, isIn(address, version, text)]).toEqual([
            text,
            address,
            list.check(address, `ipv${version}`),
          ]);
          expect(isIn(network, version, text)).toBe(true);
        }),
      );
    }
  });

  it('ignores the bits behind its length', () => {
    expect(prefix('10.1.2.3/8')).toMatchObject({ version: 4, length: 8, text: '10.1.2.3/8' });
    expect(prefix('10.1.2.3/8').words).toEqual(Uint32Array.of(0x0a00_0000));
    expect(prefix('255.255.255.255/0').words).toEqual(Uint32Array.of(0));
  });

  it('takes an address for itself', () => {
    expect(prefix('10.0.0.1')).toMatchObject({ version: 4, length: 32 });
    expect(prefix('fd00::1')).toMatchObject({ version: 6, length: 128 });
  });

  it('refuses what is no address with TypeError', () => {
    for (const text of [
      '',
      '/',
      '/8',
      '10/8',
      '10.0.0/8',
      '10.0.0.0.0/8',
      '10.0.0.0/8/8',
      'fd00::%eth0/8',
      'lan',
      ' 10.0.0.0/8',
      '1e3.0.0.0/8',
      '::1::/8',
      '10.0.0.0\0/8',
    ]) {
      expect(() => prefix(text), text).toThrow(TypeError);
    }
  });

  it('refuses a length that does not fit with RangeError', () => {
    for (const length of [
      '',
      '33',
      '-1',
      '+8',
      '8.0',
      '0x8',
      '1e1',
      ' 8',
      '8 ',
      '256',
      '99999999999999999999',
      'NaN',
      '٨',
    ]) {
      expect(() => prefix(`10.0.0.0/${length}`), length).toThrow(RangeError);
    }
    expect(() => prefix('fd00::/129')).toThrow(RangeError);
    expect(prefix('fd00::/128').length).toBe(128);
  });
});
