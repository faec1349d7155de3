import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chartSvg } from '../../src/bench/chart.ts';
import { reportOf } from './reports.ts';

/** A slow, strict look: every tag is closed by its own name, every attribute quoted, every character allowed. */
function expectWellFormed(xml: string): void {
  expect(xml).toMatch(/^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  const open: string[] = [];
  let rest = xml;
  while (rest !== '') {
    const text = /^[^<&]+|^&(?:amp|lt|gt|quot);/.exec(rest);
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<]*")*)(\/?)>/.exec(rest);
    const match = text ?? tag;
    if (match === null) throw new Error(`Not well-formed: ${rest.slice(0, 80)}`);
    rest = rest.slice(match[0].length);
    if (tag === null) continue;
    const [, slash, name = '', , isEmpty] = tag;
    if (slash === '/') expect(open.pop()).toBe(name);
    else if (isEmpty !== '/') open.push(name);
  }
  expect(open).toEqual([]);
}

const figures = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 9 });

describe('chartSvg', () => {
  it('is well-formed and finite, whatever names and figures there are', () => {
    const names = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>&"\'', '\ud800', '\u0000\u0007'),
    );
    fc.assert(
      fc.property(names, names, figures, figures, (a, b, some, others) => {
        const svg = chartSvg(reportOf({ [a]: some, [`${b} `]: others }, { title: `${b}${a}`, reference: a }));
        expectWellFormed(svg);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });

  it('draws bars in proportion, within their room', () => {
    const svg = chartSvg(reportOf({ half: [50, 50, 50], whole: [100, 100, 100], none: [0, 0, 0] }));
    const widths = [...svg.matchAll(/class="bar"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths[0]).toBeCloseTo((widths[1] ?? 0) / 2, 0);
    expect(widths[2]).toBe(0);
  });

  it('draws nothing of a report without rows', () => {
    const report = { ...reportOf({ a: [1] }), groups: [] };
    expectWellFormed(chartSvg(report));
  });

  it('shows the first metric of each case, and its ratio', () => {
    const svg = chartSvg(reportOf({ C: [10, 10], ours: [25, 25] }, { reference: 'C' }));
    expect(svg).toContain('class="reference"');
    expect(svg).toContain('25.0 ns/packet');
    expect(svg).toContain('× 2.50');
  });
});
