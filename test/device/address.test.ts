import { BlockList } from 'node:net';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseAddress } from '../../src/device/address.ts';

describe('parseAddress', () => {
  it('reads IPv4 and IPv6 in all their forms', () => {
    const hex = (text: string) => Buffer.from(parseAddress(text).bytes).toString('hex');
    expect(hex('10.0.255.1/24')).toBe('0a00ff01');
    expect(hex('fd00::1/64')).toBe('fd000000000000000000000000000001');
    expect(hex('::/0')).toBe('0'.repeat(32));
    expect(hex('1:2:3:4:5:6:7:8/128')).toBe('00010002000300040005000600070008');
    expect(hex('fe80::/10')).toBe(`fe80${'0'.repeat(28)}`);
    expect(hex('1::8/1')).toBe('00010000000000000000000000000008');
    expect(hex('::ffff:10.1.2.3/96')).toBe('00000000000000000000ffff0a010203');
    expect(parseAddress('10.0.0.1/0').prefixLength).toBe(0);
    expect(parseAddress('fd00::1/128').prefixLength).toBe(128);
  });

  it('refuses everything else', () => {
    for (const text of [
      '10.0.0.1',
      '10.0.0.1/',
      '10.0.0.1/33',
      '10.0.0.1/-1',
      '10.0.0.1/2.5',
      '10.0.0.1/24/24',
      '10.0.0/24',
      'fd00::1/129',
      'fd00:::1/64',
      'fe80::1%eth0/64',
      'localhost/8',
      '',
      '/',
      ' 10.0.0.1/24',
      '10.0.0.1/1e1',
    ]) {
      expect(() => parseAddress(text), text).toThrow(TypeError);
    }
  });

  it('agrees with Node about every address it writes', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const { bytes } = parseAddress(`${text}/128`);
        const groups = Array.from({ length: 8 }, (_, i) =>
          (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
        );
        const list = new BlockList();
        list.addAddress(text, 'ipv6');
        expect(list.check(groups.join(':'), 'ipv6')).toBe(true);
      }),
    );
  });
});
