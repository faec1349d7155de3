import type { Comparison, ComparedRow } from './compare.ts';
import { machineText } from './machine.ts';
import type { GroupReport, LeftOut, Report } from './report.ts';
import type { Spread } from './statistics.ts';

/** A report for people: a table for each group, then what was not measured. */
export function reportText(report: Report): string {
  const { machine, effort, seed, seconds, groups, leftOut } = report;
  return [
    ...machineText(machine),
    `effort ${effort}, seed ${seed}, ${seconds} s; medians, in brackets the middle half of the rounds`,
    ...groups.flatMap((group) => ['', ...groupText(group)]),
    ...(leftOut.length === 0 ? [] : ['', 'Not measured', ...leftOut.map(leftOutText)]),
  ].join('\n');
}

/** The comparison with a baseline for people: what changed, then whether anything is worse. */
export function comparisonText(comparison: Comparison): string {
  const { rows, unmatched, differences, regressions } = comparison;
  const changed = rows.filter(({ judgement }) => judgement !== 'same');
  return [
    'Beside the baseline',
    ...differences.map((text) => `  ${text}`),
    ...changed.map(comparedText),
    ...unmatched.map((row) => `  not compared: ${row.group}, ${row.case} ${row.metric}: ${row.reason}`),
    `  ${rows.length} rows compared, ${changed.length - regressions.length} better, ${regressions.length} worse`,
  ].join('\n');
}

function groupText({ name, title, rounds, rows, reference, notes }: GroupReport): string[] {
  const lines = rows.map((row) => [
    row.case,
    row.metric,
    numberText(row.median),
    row.unit,
    bracketText(row),
    row.ratio === null
      ? ''
      : `× ${row.ratio.median.toFixed(2)} [${row.ratio.q1.toFixed(2)} … ${row.ratio.q3.toFixed(2)}]`,
  ]);
  const ratio = reference === null ? '' : `; × of ${reference}`;
  return [
    `${title} (${name}, ${rounds} rounds${ratio})`,
    ...columns(lines, [2]).map((line) => `  ${line}`),
    ...notes.map((note) => `  ${note}`),
  ];
}

function leftOutText({ group, case: name, reason }: LeftOut): string {
  return `  ${group}${name === null ? '' : `, ${name}`}: ${reason}`;
}

function comparedText({ group, case: name, metric, by, before, after, change, judgement }: ComparedRow): string {
  const percent = `${change >= 1 ? '+' : ''}${((change - 1) * 100).toFixed(0)} %`;
  const figures = `${numberText(before.median)} ${bracketText(before)} → ${numberText(after.median)} ${bracketText(after)}`;
  return `  ${judgement === 'worse' ? 'WORSE' : 'better'}: ${group}, ${name} ${metric}${by === 'ratio' ? ' / reference' : ''}: ${percent}, ${figures}`;
}

function bracketText({ q1, q3 }: Spread): string {
  return `[${numberText(q1)} … ${numberText(q3)}]`;
}

/** Three digits that mean something, and no more behind the point than that. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en');
  if (size >= 10) return value.toFixed(1);
  return size === 0 ? '0' : value.toFixed(2);
}

function columns(lines: readonly (readonly string[])[], toTheRight: readonly number[]): string[] {
  const widths: number[] = [];
  for (const line of lines) line.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return lines.map((line) =>
    line
      .map((cell, i) => (toTheRight.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
