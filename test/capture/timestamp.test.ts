import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, MICROSECONDS, NANOSECONDS } from '../../src/capture/timestamp.ts';

const BILLION = 1_000_000_000n;

function words(count: bigint): [high: number, low: number] {
  return [Number(count >> 32n), Number(count & 0xffff_ffffn)];
}

function timeNs({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): bigint {
  return BigInt(seconds) * BILLION + BigInt(nanoseconds);
}

/** if_tsresol: powers of ten and of two. */
const resolution = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 64 }).map((exponent) => 0x80 | exponent),
);

describe('Clock', () => {
  it('reads counts as BigInt does, in any order, and never leaves 0 to 999,999,999 nanoseconds', () => {
    const counts = fc.array(fc.bigInt({ min: 0n, max: 2n ** 62n }), { minLength: 1, maxLength: 20 });
    const offset = fc.integer({ min: -2_000_000_000, max: 2_000_000_000 });
    fc.assert(
      fc.property(resolution, offset, counts, fc.bigInt({ min: 0n, max: 2000n }), (byte, seconds, starts, step) => {
        const units = (byte & 0x80) === 0 ? 10n ** BigInt(byte) : 2n ** BigInt(byte & 0x7f);
        const clock = new Clock(byte, seconds);
        const time = { seconds: 0, nanoseconds: 0 };
        for (const start of starts) {
          // Several that are close together, as packets are.
          for (const count of [start, start + step, start + 2n * step, start]) {
            if (count / units > 2n ** 52n) continue;
            clock.read(time, ...words(count));
            expect(timeNs(time)).toBe(BigInt(seconds) * BILLION + (count * BILLION) / units);
            expect(time.nanoseconds).toBeGreaterThanOrEqual(0);
            expect(time.nanoseconds).toBeLessThan(1e9);
          }
        }
      }),
    );
  });

  it('reads the counts at the ends of a second', () => {
    const clock = new Clock(NANOSECONDS);
    const time = { seconds: 0, nanoseconds: 0 };
    for (const ns of [
      0n,
      999_999_999n,
      BILLION,
      BILLION - 1n,
      2n * BILLION,
      2n ** 32n,
      2n ** 32n - 1n,
      2n ** 64n - 1n,
    ]) {
      clock.read(time, ...words(ns));
      expect(timeNs(time)).toBe(ns);
    }
  });

  it('writes what it reads', () => {
    const second = fc.integer({ min: 0, max: 18_446_744_072 });
    const times = fc.array(fc.tuple(second, fc.integer({ min: 0, max: 999_999_999 })), { minLength: 1 });
    fc.assert(
      fc.property(times, (list) => {
        const clock = new Clock(NANOSECONDS);
        const counts = new Uint32Array(2);
        const time = { seconds: 0, nanoseconds: 0 };
        for (const [seconds, nanoseconds] of list.flatMap((entry) => [entry, entry])) {
          clock.write(counts, 0, seconds, nanoseconds);
          expect((BigInt(counts[1] ?? 0) << 32n) | BigInt(counts[0] ?? 0)).toBe(timeNs({ seconds, nanoseconds }));
          clock.read(time, counts[1] ?? 0, counts[0] ?? 0);
          expect(time).toEqual({ seconds, nanoseconds });
        }
      }),
    );
  });

  it('writes microseconds, and takes what 64 bits cannot tell to the nearest that they can', () => {
    const counts = new Uint32Array(2);
    const written = (clock: Clock, seconds: number, nanoseconds: number): bigint => {
      clock.write(counts, 0, seconds, nanoseconds);
      return (BigInt(counts[1] ?? 0) << 32n) | BigInt(counts[0] ?? 0);
    };
    expect(written(new Clock(MICROSECONDS), 1_700_000_000, 123_456_789)).toBe(1_700_000_000_123_456n);
    expect(written(new Clock(NANOSECONDS), -1, 5)).toBe(5n);
    const last = written(new Clock(NANOSECONDS), 1e12, 999_999_999);
    expect(last).toBeGreaterThan(2n ** 64n - 2n * BILLION);
    expect(last).toBeLessThan(2n ** 64n);
  });
});
