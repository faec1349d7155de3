import type { BenchGroup } from '../../src/bench/benchCase.ts';
import { describeMachine } from '../../src/bench/machine.ts';
import { REPORT_SCHEMA, type Report, rowsOf } from '../../src/bench/report.ts';

/** A group of one metric; its cases are of no use but for their names. */
export function groupOf(names: readonly string[], rest: Partial<BenchGroup> = {}): BenchGroup {
  const size = { rounds: 5, sampleMs: 0 };
  return {
    name: 'group',
    title: 'A group',
    kind: 'micro',
    metrics: [{ name: 'time', unit: 'ns/packet', better: 'less' }],
    cases: names.map((name) => ({ name, open: () => ({ sample: () => ({ time: 1 }) }) })),
    size: { quick: size, default: size, full: size },
    ...rest,
  };
}

/** A report of one group with these samples by case. */
export function reportOf(
  samples: Readonly<Record<string, readonly number[]>>,
  rest: Partial<BenchGroup> = {},
  machine: Partial<Report['machine']> = {},
): Report {
  const group = groupOf(Object.keys(samples), rest);
  const metric = group.metrics[0].name;
  const rounds = new Map(
    Object.entries(samples).map(([name, values]) => [name, values.map((value) => ({ [metric]: value }))]),
  );
  const { name, title, kind, reference = null } = group;
  const rows = rowsOf(group, rounds);
  return {
    ...{ schema: REPORT_SCHEMA, startedAt: '2026-01-02T03:04:05.678Z', seconds: 1, effort: 'default', seed: 1 },
    machine: { ...describeMachine(), ...machine },
    groups: [{ name, title, kind, reference, rounds: 5, rows, notes: [] }],
    leftOut: [],
  };
}
