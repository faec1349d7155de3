import { describe, expect, it } from 'vitest';

import { compareReports } from '../../src/bench/compare.ts';
import { type Random, seededRandom } from '../../src/bench/random.ts';
import { comparisonText } from '../../src/bench/reportText.ts';
import { reportOf } from './reports.ts';

/** Figures around `centre` as a noisy machine gives them: a bell of that relative width, and now and then an outlier. */
function noisy(random: Random, centre: number, width: number, rounds = 15): number[] {
  return Array.from({ length: rounds }, () => {
    const bell = Array.from({ length: 12 }, () => random.below(1_000_000) / 1e6).reduce((sum, one) => sum + one, -6);
    const outlier = random.below(20) === 0 ? 1.5 : 1;
    return centre * Math.max(0.1, 1 + width * bell) * outlier;
  });
}

describe('compareReports', () => {
  it.each([0.02, 0.1, 0.3])('takes noise of a relative width of %d for what it is', (width) => {
    const random = seededRandom(11);
    let judged = 0;
    for (let trial = 0; trial < 300; trial++) {
      const [before, after] = [reportOf({ a: noisy(random, 100, width) }), reportOf({ a: noisy(random, 100, width) })];
      judged += compareReports(before, after).rows.filter(({ judgement }) => judgement !== 'same').length;
    }
    // Of 300; the widest is as noisy as a busy shared machine.
    expect(judged).toBeLessThanOrEqual(width > 0.2 ? 6 : 0);
  });

  it.each([
    ['less', 1.3, 'worse'],
    ['less', 0.75, 'better'],
    ['more', 1.3, 'better'],
    ['more', 0.75, 'worse'],
  ] as const)('sees that %s is better, and %d times as much is %s', (better, factor, judgement) => {
    const random = seededRandom(12);
    const rest = { metrics: [{ name: 'time', unit: 'ns/packet', better }] as const };
    for (let trial = 0; trial < 100; trial++) {
      const before = reportOf({ a: noisy(random, 100, 0.04) }, rest);
      const after = reportOf({ a: noisy(random, 100 * factor, 0.04) }, rest);
      const comparison = compareReports(before, after);
      expect(comparison.rows.map((row) => row.judgement)).toEqual([judgement]);
      expect(comparison.regressions).toHaveLength(judgement === 'worse' ? 1 : 0);
    }
  });

  it('compares ratios where there are some: a machine that is slower now changes nothing', () => {
    const before = reportOf({ C: [10, 11, 12, 10, 11], ours: [20, 22, 24, 20, 22] }, { reference: 'C' });
    const after = reportOf({ C: [30, 33, 36, 30, 33], ours: [60, 66, 72, 60, 66] }, { reference: 'C' });
    const rows = compareReports(before, after).rows;
    expect(rows.find((row) => row.case === 'ours')).toMatchObject({ by: 'ratio', judgement: 'same', change: 1 });
    expect(rows.find((row) => row.case === 'C')).toMatchObject({ by: 'figure', judgement: 'worse' });
  });

  it('compares nothing but ratios between two machines', () => {
    const before = reportOf({ C: [10, 11, 12, 10, 11], ours: [20, 22, 24, 20, 22] }, { reference: 'C' });
    const after = reportOf({ C: [1, 1, 1, 1, 1], ours: [4, 4, 4, 4, 4] }, { reference: 'C' }, { processor: 'another' });
    const comparison = compareReports(before, after);
    expect(comparison.differences).toEqual([`processor: ${before.machine.processor} then, another now`]);
    expect(comparison.rows.map((row) => row.case)).toEqual(['ours']);
    expect(comparison.regressions).toHaveLength(1);
    expect(comparison.unmatched).toMatchObject([{ case: 'C', reason: 'there is no ratio, and the machines differ' }]);
  });

  it('says what it could not compare', () => {
    const before = reportOf({ gone: [1, 1, 1, 1, 1], few: [1, 1, 1, 1, 1] });
    const comparison = compareReports(before, reportOf({ few: [9, 9, 9, 9], fresh: [1, 1, 1, 1, 1] }));
    expect(comparison.rows).toEqual([]);
    expect(comparison.unmatched.map(({ case: name, reason }) => `${name}: ${reason}`)).toEqual([
      'gone: not measured this time',
      'few: only 4 rounds: it takes 5',
    ]);
    const other = { metrics: [{ name: 'time', unit: 'µs', better: 'less' }] as const };
    const units = compareReports(before, reportOf({ gone: [1, 1, 1, 1, 1] }, other));
    expect(units.unmatched[0]?.reason).toBe('measured in ns/packet then, in µs now');
  });

  it('leaves out metrics that are not meant for it', () => {
    const rest = { metrics: [{ name: 'time', unit: 'ns', better: 'less', isCompared: false }] as const };
    const before = reportOf({ a: [1, 1, 1, 1, 1] }, rest);
    expect(compareReports(before, reportOf({ a: [9, 9, 9, 9, 9] }, rest))).toMatchObject({ rows: [], unmatched: [] });
  });

  it('is told in words', () => {
    const text = comparisonText(
      compareReports(reportOf({ a: [10, 10, 10, 10, 10] }), reportOf({ a: [13, 13, 13, 13, 13] })),
    );
    expect(text).toContain('WORSE: group, a time: +30 %, 10.0 [10.0 … 10.0] → 13.0 [13.0 … 13.0]');
    expect(text).toContain('1 rows compared, 0 better, 1 worse');
  });
});
