import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pairedRatios, quantile, spreadOf } from '../../src/bench/statistics.ts';

const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 });

/** The sample with `rank` others before it, found by counting. */
function ranked(values: readonly number[], rank: number): number {
  const found = values.find((value) => {
    const smaller = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return smaller <= rank && rank < smaller + equal;
  });
  if (found === undefined) throw new Error('no such rank');
  return found;
}

/** Walks from the least to the most in steps of 1/(n−1), a straight line between two samples. */
function slowQuantile(values: readonly number[], share: number): number {
  const steps = values.length - 1;
  for (let rank = 0; rank < steps; rank++) {
    const [from, to] = [rank / steps, (rank + 1) / steps];
    if (share > to) continue;
    const [low, high] = [ranked(values, rank), ranked(values, rank + 1)];
    return low + ((share - from) / (to - from)) * (high - low);
  }
  return ranked(values, steps);
}

describe('quantile', () => {
  it('is what a slow walk through the ranks finds', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        expect(quantile(values, share)).toBeCloseTo(slowQuantile(values, share), 6);
      }),
    );
  });

  it('does not change the order of what it is given', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses nothing, and what is no number', () => {
    expect(() => quantile([], 0.5)).toThrow('There are no samples');
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow('A sample is no number');
    expect(() => quantile([Number.POSITIVE_INFINITY], 0.5)).toThrow('A sample is no number');
  });
});

describe('spreadOf', () => {
  it('is in order, and no more than a quarter of the samples lie outside of either quartile', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { least, q1, median, q3, most } = spreadOf(values);
        expect([least, q1, median, q3, most]).toEqual([least, q1, median, q3, most].sort((a, b) => a - b));
        const quarter = Math.ceil((values.length - 1) / 4);
        expect(values.filter((value) => value < q1).length).toBeLessThanOrEqual(quarter);
        expect(values.filter((value) => value > q3).length).toBeLessThanOrEqual(quarter);
        expect(values).toContain(least);
        expect(values).toContain(most);
      }),
    );
  });

  it.each([
    [[5], 5],
    [[1, 9], 5],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('the median of %j is %d', (values, median) => {
    expect(spreadOf(values).median).toBe(median);
  });
});

describe('pairedRatios', () => {
  it('divides within a round, and leaves out rounds that lack one', () => {
    expect(pairedRatios([2, null, 6, 8, 10], [1, 2, null, 0])).toEqual([2]);
    expect(pairedRatios([2, 9], [4, 3])).toEqual([0.5, 3]);
    expect(pairedRatios([1, 2], [])).toEqual([]);
  });
});
