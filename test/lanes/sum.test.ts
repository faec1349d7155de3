import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sumOf } from '../../src/lanes/sum.ts';
import type { FilterSummary, PortSummary, Summary } from '../../src/pipeline/summary.ts';

const count = fc.nat(1000);

const port: fc.Arbitrary<PortSummary> = fc.record({
  read: count,
  readBytes: count,
  forwarded: count,
  forwardedBytes: count,
  lost: count,
  mirrored: count,
  kernelDropped: count,
  refusedOffloads: fc.constantFrom([], ['tso4'] as const, ['uso4', 'uso6'] as const),
});

const filter: fc.Arbitrary<FilterSummary> = fc.record({
  name: fc.constantFrom('one', 'two', 'constructor'),
  packets: count,
  accepted: count,
  dropped: count,
  reflected: count,
  redirected: count,
  mirrored: count,
  modified: count,
  short: count,
  outside: count,
  failed: count,
  reasons: fc.dictionary(fc.constantFrom('telnet', 'toString'), count),
  counters: fc.dictionary(fc.constantFrom('seen', '__proto__x'), count),
});

const summary: fc.Arbitrary<Summary> = fc.record({
  schema: fc.constant(1 as const),
  read: count,
  made: count,
  forwarded: count,
  dropped: count,
  lost: count,
  merged: count,
  held: count,
  mirrored: count,
  mirrorsLost: count,
  kernelDropped: count,
  reasons: fc.dictionary(fc.constantFrom('noRoute', 'laneLost', 'hasOwnProperty'), count),
  ports: fc.record({ lan: port, wan: port }),
  filters: fc.uniqueArray(filter, { selector: ({ name }) => name }),
});

/** All numbers of a summary, by the way to them; filters by name. */
function numbersOf(value: unknown, way = ''): [string, number][] {
  if (typeof value === 'number') return way === '.schema' ? [] : [[way, value]];
  if (Array.isArray(value)) {
    return value.flatMap((part: unknown) =>
      typeof part === 'string' ? [] : numbersOf(part, `${way}.${(part as FilterSummary).name}`),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => numbersOf(part, `${way}.${key}`));
}

it('sumOf adds up every number of every summary, and makes up none', () => {
  fc.assert(
    fc.property(fc.array(summary, { maxLength: 5 }), (summaries) => {
      const expected = new Map<string, number>();
      for (const [way, number] of summaries.flatMap((one) => numbersOf(one))) {
        expected.set(way, (expected.get(way) ?? 0) + number);
      }
      const found = new Map(numbersOf(sumOf(summaries)));
      if (summaries.length > 0) expect([...found].sort()).toEqual([...expected].sort());
      else expect([...found.values()].every((number) => number === 0)).toBe(true);
    }),
  );
});

it('sumOf keeps the order of ports and filters, and says each refused offload once', () => {
  fc.assert(
    fc.property(summary, summary, (one, two) => {
      const { ports, filters } = sumOf([one, two]);
      expect(Object.keys(ports)).toEqual(['lan', 'wan']);
      const names = [...one.filters, ...two.filters].map(({ name }) => name);
      expect(filters.map(({ name }) => name)).toEqual([...new Set(names)]);
      const refused = ports['lan']?.refusedOffloads ?? [];
      expect(new Set(refused).size).toBe(refused.length);
    }),
  );
});
