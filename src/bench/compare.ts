import type { Machine } from './machine.ts';
import type { Report, Row } from './report.ts';
import type { Spread } from './statistics.ts';

/** How the rows of a report stand to those of a baseline. */
export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Rows of the baseline that were not measured now, and rows that cannot be compared, with the reason. */
  readonly unmatched: readonly UnmatchedRow[];
  /** What differs between the two machines; figures of different machines are compared by ratios alone. */
  readonly differences: readonly string[];
  /** Those of `rows` that are worse. */
  readonly regressions: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly group: string;
  readonly case: string;
  readonly metric: string;
  /** What was compared: the ratio to the reference where both have one, else the figure itself. */
  readonly by: 'ratio' | 'figure';
  readonly before: Spread;
  readonly after: Spread;
  /** Median after / median before. */
  readonly change: number;
  readonly judgement: 'same' | 'better' | 'worse';
}

export interface UnmatchedRow {
  readonly group: string;
  readonly case: string;
  readonly metric: string;
  readonly reason: string;
}

/**
 * A row is worse, or better, when the middle halves of its samples before and after lie apart by more than this share:
 * then neither the spread of a run explains it, nor what differs between two runs of one program: the load of the machine, and
 * what the compiler in V8 made of the code.
 */
export const TOLERANCE = 0.1;
/** With fewer rounds the middle half says nothing. */
export const LEAST_ROUNDS = 5;

/** Compares two reports, row by row. Only metrics that are meant for it (`isCompared`) are. */
export function compareReports(before: Report, after: Report): Comparison {
  const differences = differencesOf(before.machine, after.machine);
  const now = new Map(rowsOf(after).map(({ key, row }) => [key, row]));
  const rows: ComparedRow[] = [];
  const unmatched: UnmatchedRow[] = [];
  for (const { key, group, row } of rowsOf(before)) {
    const place = { group, case: row.case, metric: row.metric };
    const other = now.get(key);
    const pair = other === undefined ? 'not measured this time' : pairOf(row, other, differences.length > 0);
    if (typeof pair === 'string') unmatched.push({ ...place, reason: pair });
    else rows.push({ ...place, ...pair, ...judge(pair.before, pair.after, row.better) });
  }
  return { rows, unmatched, differences, regressions: rows.filter(({ judgement }) => judgement === 'worse') };
}

function rowsOf(report: Report): { key: string; group: string; row: Row }[] {
  return report.groups.flatMap(({ name, rows }) =>
    rows
      .filter(({ isCompared }) => isCompared)
      .map((row) => ({ key: JSON.stringify([name, row.case, row.metric]), group: name, row })),
  );
}

type Pair = Pick<ComparedRow, 'by' | 'before' | 'after'>;

/** What to compare of two rows, or why they cannot be compared. */
function pairOf(before: Row, after: Row, isOtherMachine: boolean): Pair | string {
  if (before.unit !== after.unit || before.better !== after.better)
    return `measured in ${before.unit} then, in ${after.unit} now`;
  const rounds = Math.min(countOf(before), countOf(after));
  if (rounds < LEAST_ROUNDS) return `only ${rounds} rounds: it takes ${LEAST_ROUNDS}`;
  if (before.ratio !== null && after.ratio !== null) return { by: 'ratio', before: before.ratio, after: after.ratio };
  if (isOtherMachine) return 'there is no ratio, and the machines differ';
  return { by: 'figure', before, after };
}

function countOf({ samples }: Row): number {
  return samples.filter((sample) => sample !== null).length;
}

function judge(before: Spread, after: Spread, better: Row['better']): Pick<ComparedRow, 'change' | 'judgement'> {
  const isAbove = after.q1 > before.q3 * (1 + TOLERANCE);
  const isBelow = after.q3 * (1 + TOLERANCE) < before.q1;
  const isWorse = better === 'less' ? isAbove : isBelow;
  const isBetter = better === 'less' ? isBelow : isAbove;
  const change = before.median === 0 ? 1 : after.median / before.median;
  return { change, judgement: isWorse ? 'worse' : isBetter ? 'better' : 'same' };
}

function differencesOf(before: Machine, after: Machine): string[] {
  const keys = ['processor', 'processors', 'architecture', 'kernel', 'governor', 'node'] as const;
  return keys.flatMap((key) =>
    before[key] === after[key] ? [] : [`${key}: ${before[key] ?? 'unknown'} then, ${after[key] ?? 'unknown'} now`],
  );
}
