import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressBytes } from '../../../src/core/address.ts';
import { tcpFrame, udpFrame } from '../../../src/testing/frames.ts';
import { type Tables, openTables } from './support/tables.ts';

// Each table of the filter library beside a slow and plain one.

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
beforeEach(() => {
  tables.reset();
});

describe('LruMap', () => {
  const CAPACITY = 5;

  test('does what a list in the order of use does', () => {
    const operations = fc.array(
      fc.record({ operation: fc.constantFrom(0, 0, 1, 1, 1, 2, 1, 3), key: fc.oneof(fc.nat(9), fc.nat(0xffffffff)) }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(operations, (list) => {
        tables.reset();
        let entries: { key: number; hits: number }[] = [];
        let evictions = 0;
        for (const { operation, key } of list) {
          const found = entries.find((entry) => entry.key === key);
          const others = entries.filter((entry) => entry !== found);
          let wanted = 0;
          if (operation === 0 && found !== undefined) {
            wanted = ++found.hits;
            entries = [...others, found];
          } else if (operation === 1) {
            const entry = found ?? { key, hits: 0 };
            wanted = ++entry.hits;
            entries = [...others, entry];
            if (entries.length > CAPACITY) {
              entries.shift();
              evictions++;
            }
          } else if (operation === 2) {
            wanted = found === undefined ? 0 : 1;
            entries = others;
          } else if (operation === 3) entries = [];
          const { result, extra } = tables.do({ operation, key });
          expect(result).toBe(BigInt(wanted));
          expect(extra).toBe((BigInt(evictions) << 32n) | BigInt(entries.length));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('FlowTable', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'];
  const shapes = fc.record({
    version: fc.constantFrom(0, 2),
    isTurned: fc.boolean(),
    isTcp: fc.boolean(),
    ports: fc.constantFrom([1, 2], [1, 1], [3, 4]),
  });
  type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

  function frameOf({ version, isTurned, isTcp, ports: [low, high] }: Shape): Uint8Array {
    const ends = [
      { address: addresses[version], port: low },
      { address: addresses[version + 1], port: high },
    ];
    const [from, to] = isTurned ? ends.reverse() : ends;
    const fields = {
      link: 'ip' as const,
      sourceAddress: from?.address ?? '',
      destinationAddress: to?.address ?? '',
      sourcePort: from?.port ?? 0,
      destinationPort: to?.port ?? 0,
    };
    return isTcp ? tcpFrame(fields) : udpFrame(fields);
  }

  test('counts flows, both directions together, and forgets the one used longest ago', () => {
    fc.assert(
      fc.property(fc.array(shapes, { maxLength: 60 }), (list) => {
        tables.reset();
        let flows: { key: string; packets: number }[] = [];
        for (const shape of list) {
          const { version, isTcp, ports } = shape;
          const key = JSON.stringify([version, isTcp, ports]);
          const flow = flows.find((one) => one.key === key) ?? { key, packets: 0 };
          flow.packets++;
          flows = [...flows.filter((one) => one !== flow), flow].slice(-6);
          expect(tables.do({ operation: 4, frame: frameOf(shape) }).result).toBe(BigInt(flow.packets));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('finds and removes', () => {
    const frame = udpFrame({ link: 'ip' });
    expect(tables.do({ operation: 5, frame }).result).toBe(0n);
    tables.do({ operation: 4, frame });
    expect(tables.do({ operation: 5, frame }).result).toBe(1n);
    expect(tables.do({ operation: 6, frame }).result).toBe(1n);
    expect(tables.do({ operation: 6, frame }).result).toBe(0n);
  });

  test('by source alone: other ports, protocols and targets are the same', () => {
    const from = (sourceAddress: string, destinationPort: number, destinationAddress = '10.9.9.9'): bigint =>
      tables.do({ operation: 7, frame: udpFrame({ link: 'ip', sourceAddress, destinationPort, destinationAddress }) })
        .result;
    expect([from('10.0.0.1', 1), from('10.0.0.1', 2), from('10.0.0.2', 1), from('10.0.0.1', 3, '10.7.7.7')]).toEqual([
      1n,
      2n,
      1n,
      3n,
    ]);
  });

  test('by pair: both directions together, ports apart from it', () => {
    const count = (sourceAddress: string, destinationAddress: string, destinationPort: number): bigint =>
      tables.do({ operation: 8, frame: udpFrame({ link: 'ip', sourceAddress, destinationAddress, destinationPort }) })
        .result;
    expect([
      count('10.0.0.1', '10.0.0.2', 1),
      count('10.0.0.2', '10.0.0.1', 2),
      count('10.0.0.1', '10.0.0.3', 1),
    ]).toEqual([1n, 2n, 1n]);
  });

  test('tells flows with one hash apart by their keys', () => {
    const count = (destinationPort: number): bigint =>
      tables.do({ operation: 4, frame: udpFrame({ link: 'ip', destinationPort }), flowHash: 7 }).result;
    expect([count(1), count(2), count(1), count(2), count(3)]).toEqual([1n, 1n, 2n, 2n, 1n]);
  });

  test('has nothing for what is no IP', () => {
    expect(tables.do({ operation: 4, frame: new Uint8Array(20) }).result).toBe(0n);
  });
});

describe('PrefixTable', () => {
  const bit = fc.constantFrom(0, 1);
  /** Addresses that have much in common. */
  const address4 = fc
    .tuple(fc.constantFrom(10, 10, 11, 192), bit, fc.constantFrom(0, 128), fc.nat(3))
    .map((b) => b.join('.'));
  const address6 = fc
    .tuple(fc.constantFrom('fd00', 'fd01', '2001'), bit, fc.nat(3))
    .map(([a, b, c]) => `${a}:${b}::${c}`);
  const prefixes = fc.oneof(
    fc.tuple(address4, fc.nat(32)).map(([a, n]) => `${a}/${n}`),
    fc.tuple(address6, fc.nat(128)).map(([a, n]) => `${a}/${n}`),
  );

  const bitsOf = (text: string): string =>
    [...addressBytes(text, text.includes(':') ? 6 : 4)].map((byte) => byte.toString(2).padStart(8, '0')).join('');

  test('finds the longest prefix', () => {
    const entries = fc.array(fc.tuple(prefixes, fc.integer({ min: 1, max: 99 })), { maxLength: 16 });
    fc.assert(
      fc.property(entries, fc.array(fc.oneof(address4, address6), { maxLength: 12 }), (list, asked) => {
        tables.reset();
        const known = new Map<string, { bits: string; version: string; value: number }>();
        for (const [text, value] of list) {
          const [address = '', length = ''] = text.split('/');
          const version = text.includes(':') ? '6' : '4';
          const bits = bitsOf(address).slice(0, Number(length));
          const key = `${version}/${bits}`;
          const fits = known.has(key) || known.size < 12;
          if (fits) known.set(key, { bits, version, value });
          expect(tables.do({ operation: 9, prefix: text, key: value }).result).toBe(fits ? 1n : 0n);
        }
        for (const address of asked) {
          const version = address.includes(':') ? '6' : '4';
          const held = [...known.values()].filter(
            (one) => one.version === version && bitsOf(address).startsWith(one.bits),
          );
          const best = held.sort((a, b) => b.bits.length - a.bits.length)[0];
          expect(tables.do({ operation: 14, prefix: address }).result).toBe(BigInt(best?.value ?? 0));
          const destinationAddress = version === '6' ? 'fd00::9' : '10.9.9.9';
          const frame = udpFrame({ link: 'ip', sourceAddress: address, destinationAddress });
          expect(tables.do({ operation: 10, frame }).result).toBe(BigInt(best?.value ?? 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is empty again after clear', () => {
    tables.do({ operation: 9, prefix: '10.0.0.0/8', key: 5 });
    tables.do({ operation: 15 });
    expect(tables.do({ operation: 14, prefix: '10.0.0.1' }).result).toBe(0n);
    expect(tables.do({ operation: 9, prefix: '10.0.0.0/9', key: 6 }).result).toBe(1n);
    expect(tables.do({ operation: 14, prefix: '10.0.0.1' }).result).toBe(6n);
  });
});

describe('TokenBucket', () => {
  test('decides as exact numbers do', () => {
    const u32 = fc.oneof(fc.nat(10), fc.nat(0xffffffff));
    const steps = fc.array(
      fc.record({
        wait: fc.oneof(fc.bigInt(0n, 3_000_000_000n), fc.bigInt(0n, (1n << 62n) / 100n)),
        rate: u32,
        burst: u32,
        cost: fc.oneof(fc.constant(1), u32),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        tables.reset();
        let [time, debt] = [0n, 0n];
        for (const { wait, rate, burst, cost } of list) {
          time += wait;
          debt -= wait * BigInt(rate);
          if (debt < 0n) debt = 0n;
          const depth = BigInt(burst) * 1_000_000_000n;
          if (debt > depth) debt = depth;
          const price = BigInt(cost) * 1_000_000_000n;
          const isTaken = debt + price <= depth;
          if (isTaken) debt += price;
          expect(tables.do({ operation: 11, now: time, rate, burst, cost }).result).toBe(isTaken ? 1n : 0n);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a token bucket waits for the last billionth of a token', () => {
  const take = (now: bigint): bigint => tables.do({ operation: 11, now, rate: 3, burst: 1 }).result;
  expect([take(0n), take(333_333_333n), take(333_333_334n)]).toEqual([1n, 0n, 1n]);
});

describe('random numbers', () => {
  test('are those of the seed', () => {
    const draw = (seed: bigint): bigint => tables.do({ operation: 12, seed }).result;
    expect(draw(7n)).toBe(draw(7n));
    expect(draw(7n)).not.toBe(draw(8n));
    const bits = Array.from({ length: 256 }, (_, i) => draw(BigInt(i))).map(
      (value) => value.toString(2).replaceAll('0', '').length,
    );
    const mean = bits.reduce((sum, count) => sum + count, 0) / bits.length;
    expect(Math.abs(mean - 32)).toBeLessThan(1.5);
  });

  test('below a limit stay below it', () => {
    const draws = Array.from({ length: 200 }, (_, i) =>
      Number(tables.do({ operation: 13, key: 6, seed: BigInt(i) }).result),
    );
    expect(new Set(draws)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(tables.do({ operation: 13, key: 0 }).result).toBe(0n);
  });
});

test('an index outside of a list is a trap', () => {
  expect(tables.do({ operation: 16, key: 2 }).result).toBe(7n);
  expect(() => tables.do({ operation: 16, key: 3 })).toThrow(WebAssembly.RuntimeError);
});
