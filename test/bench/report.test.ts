import { describe, expect, it } from 'vitest';

import { readReport } from '../../src/bench/readReport.ts';
import { rowsOf } from '../../src/bench/report.ts';
import { numberText, reportText } from '../../src/bench/reportText.ts';
import { groupOf, reportOf } from './reports.ts';

describe('rowsOf', () => {
  const metrics = [
    { name: 'time', unit: 'ns/packet', better: 'less' },
    { name: 'lost', unit: '%', better: 'less', hasRatio: false },
  ] as const;
  const group = groupOf(['C', 'ours'], { metrics, reference: 'C' });

  it('pairs each sample with the reference of its round', () => {
    const rows = rowsOf(
      group,
      new Map([
        ['C', [{ time: 1 }, { time: 10 }, { time: 100 }]],
        ['ours', [{ time: 2 }, { time: 20 }, { time: 200 }]],
      ]),
    );
    // The spread of the ratio is none, however wide that of the figures is.
    expect(rows.map(({ ratio }) => ratio)).toEqual([null, { median: 2, least: 2, most: 2, q1: 2, q3: 2 }]);
    expect(rows.map(({ isCompared }) => isCompared)).toEqual([true, true]);
  });

  it('has no row of a metric that was never measured, and holds the place of rounds without it', () => {
    const rows = rowsOf(group, new Map([['ours', [{ time: 1, lost: 5 }, { lost: 7 }, { time: 3 }]]]));
    expect(rows.map(({ metric, samples, ratio }) => ({ metric, samples, ratio }))).toEqual([
      { metric: 'time', samples: [1, null, 3], ratio: null },
      { metric: 'lost', samples: [5, 7, null], ratio: null },
    ]);
    expect(rowsOf(group, new Map([['ours', [{}, {}]]]))).toEqual([]);
  });
});

describe('readReport', () => {
  const report = reportOf({ C: [1, 2, 3], ours: [4, 5, 6] }, { reference: 'C' });

  it('reads what was written', () => {
    expect(readReport(JSON.stringify(report, null, 2))).toEqual(report);
  });

  it.each([
    ['', 'it is not JSON'],
    ['{"schema":1', 'it is not JSON'],
    ['null', 'it is not a report of tapline bench'],
    ['[]', 'it is not a report of tapline bench'],
    ['{"schema":1}', 'it is not a report of tapline bench'],
    [JSON.stringify({ ...report, schema: 2 }), 'its schema is 2, this version reads 1: measure the baseline again'],
    [JSON.stringify({ ...report, machine: null }), 'it is damaged: machine or groups are not what they should be'],
    [JSON.stringify({ ...report, groups: [{ name: 'x' }] }), /damaged/],
    [JSON.stringify(report).replace('"median":5', '"median":null'), /damaged/],
    [JSON.stringify(report).replace('[4,5,6]', '[4,"5",6]'), /damaged/],
  ])('refuses %s', (json, message) => {
    expect(() => readReport(json)).toThrow(message);
  });
});

describe('reportText', () => {
  it('shows medians, the middle half and ratios, and what was not measured', () => {
    const report = reportOf({ C: [10, 12, 14], ours: [20, 24, 28] }, { reference: 'C' });
    const text = reportText({ ...report, leftOut: [{ group: 'tcp', case: null, reason: 'not installed: iperf3' }] });
    expect(text).toContain('A group (group, 5 rounds; × of C)\n');
    expect(text).toContain('  ours  time  24.0  ns/packet  [22.0 … 26.0]  × 2.00 [2.00 … 2.00]\n');
    expect(text).toContain('Not measured\n  tcp: not installed: iperf3');
    expect(text).toContain(`effort default, seed 1`);
  });

  it.each([
    [0, '0'],
    [0.123, '0.12'],
    [9.999, '10.00'],
    [42.25, '42.3'],
    [-42.25, '-42.3'],
    [1234.5, '1,235'],
  ])('%d is %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});
