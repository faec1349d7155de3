import type { BenchGroup, Metric } from './benchCase.ts';
import type { Effort } from './effort.ts';
import type { Machine } from './machine.ts';
import { type Spread, pairedRatios, spreadOf } from './statistics.ts';

/** Version of the report's shape; `readReport` refuses others. */
export const REPORT_SCHEMA = 1;

/** Everything that a run measured, and what it could not. It is JSON as it stands. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  /** When it began, in UTC (ISO 8601). */
  readonly startedAt: string;
  readonly seconds: number;
  readonly effort: Effort;
  readonly seed: number;
  readonly machine: Machine;
  readonly groups: readonly GroupReport[];
  readonly leftOut: readonly LeftOut[];
}

export interface GroupReport {
  readonly name: string;
  readonly title: string;
  readonly kind: 'micro' | 'live';
  readonly reference: string | null;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** One metric of one case. */
export interface Row extends Spread {
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
  readonly isCompared: boolean;
  /** One per round, in order; null where this metric was not measured. Everything else follows from these. */
  readonly samples: readonly (number | null)[];
  /** Quotients by the reference's sample of the same round; null for the reference itself, and where there is none. */
  readonly ratio: Spread | null;
}

/** What was not measured, and why. */
export interface LeftOut {
  readonly group: string;
  /** Null: the whole group, or something beside its cases. */
  readonly case: string | null;
  readonly reason: string;
}

/** Rows of a group, from the samples of its rounds. */
export function rowsOf(
  group: BenchGroup,
  samples: ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>,
): Row[] {
  return [...samples].flatMap(([name, rounds]) =>
    group.metrics.flatMap((metric) => {
      const values = valuesOf(rounds, metric.name);
      const known = values.filter((value) => value !== null);
      if (known.length === 0) return [];
      const reference = group.reference === undefined ? undefined : samples.get(group.reference);
      const isReferred = name !== group.reference && metric.hasRatio !== false;
      const divisors = reference === undefined || !isReferred ? [] : valuesOf(reference, metric.name);
      return [rowOf(name, metric, metric === group.metrics[0], values, pairedRatios(values, divisors))];
    }),
  );
}

function rowOf(
  name: string,
  metric: Metric,
  isFirst: boolean,
  samples: readonly (number | null)[],
  ratios: readonly number[],
): Row {
  return {
    case: name,
    metric: metric.name,
    unit: metric.unit,
    better: metric.better,
    isCompared: metric.isCompared ?? isFirst,
    ...spreadOf(samples.filter((value) => value !== null)),
    ratio: ratios.length === 0 ? null : spreadOf(ratios),
    samples,
  };
}

function valuesOf(rounds: readonly Readonly<Record<string, number>>[], metric: string): (number | null)[] {
  return rounds.map((sample) => sample[metric] ?? null);
}
