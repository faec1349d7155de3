import type { LaneSummary, LanesSummary } from '../../lanes/summary.ts';
import type { FilterSummary, Summary } from '../../pipeline/summary.ts';
import { table } from '../table.ts';

/** A summary for people: totals as tcpdump prints them, then a table of ports and one of filters. */
export function summaryText(summary: Summary | LanesSummary): string {
  const lanes = 'lanes' in summary ? laneTable(summary.lanes) : [];
  return [...totals(summary), ...portTable(summary), ...filterTable(summary.filters), ...lanes].join('\n');
}

/** One line for each counter; those that are rarely anything are left out while they are 0. */
function totals(summary: Summary): string[] {
  const { read, made, forwarded, dropped, lost, held, mirrored, mirrorsLost, kernelDropped } = summary;
  const reasons = listed(summary.reasons);
  return [
    `${read} packets read`,
    ...(made > 0 ? [`${made} packets made of super-packets`] : []),
    `${forwarded} packets forwarded`,
    `${dropped} packets dropped`,
    `${lost} packets lost`,
    ...(held > 0 ? [`${held} packets still in the line`] : []),
    ...(mirrored + mirrorsLost > 0 ? [`${mirrored} copies sent, ${mirrorsLost} lost`] : []),
    ...(kernelDropped > 0 ? [`${kernelDropped} packets dropped by the kernel, before they were read`] : []),
    ...(reasons === '' ? [] : [`reasons: ${reasons}`]),
    ...captures(summary),
    ...skipped(summary),
  ];
}

/** `120 packets captured by out`, and what was not. */
function captures({ ports, record }: Summary): string[] {
  const named = [
    ...Object.entries(ports).map(([name, { capture }]) => [name, capture] as const),
    ['', record] as const,
  ];
  return named.flatMap(([name, capture]) => {
    if (capture === undefined) return [];
    const { written, notCaptured, stopped } = capture;
    const where = name === '' ? '' : ` by ${name}`;
    const not = notCaptured === 0 ? '' : `, ${notCaptured} not`;
    return [`${written} packets captured${where}${not}${stopped === null ? '' : ` (${stopped})`}`];
  });
}

/** What files hold that did not come into the line. */
function skipped({ ports }: Summary): string[] {
  return Object.entries(ports).flatMap(([name, port]) => {
    const counts = Object.entries(port.skipped ?? {}).filter(([, count]) => count > 0);
    return counts.length === 0 ? [] : [`skipped in ${name}: ${listed(Object.fromEntries(counts))}`];
  });
}

/** What the kernel dropped, and offloads that it refused, are shown only when there are any. */
function portTable({ kernelDropped, ports }: Summary): string[] {
  const isShown = kernelDropped > 0;
  return indented([
    ...table([
      ['port', 'read', 'bytes', 'forwarded', 'bytes', 'lost', ...(isShown ? ['dropped by kernel'] : [])],
      ...Object.entries(ports).map(([name, port]) => [
        name,
        port.read,
        port.readBytes,
        port.forwarded,
        port.forwardedBytes,
        port.lost,
        ...(isShown ? [port.kernelDropped] : []),
      ]),
    ]),
    ...Object.entries(ports).flatMap(([name, { refusedOffloads }]) =>
      refusedOffloads.length === 0
        ? []
        : [`${name}: goes without ${refusedOffloads.join(', ')}: the kernel refused it`],
    ),
  ]);
}

/** Verdicts that no filter gave have no column. */
function filterTable(filters: readonly FilterSummary[]): string[] {
  if (filters.length === 0) return [];
  const used = columns.filter((column) => column === 'dropped' || filters.some((filter) => filter[column] > 0));
  return indented([
    ...table([
      ['filter', 'packets', ...used],
      ...filters.map((filter) => [filter.name, filter.packets, ...used.map((column) => filter[column])]),
    ]),
    ...filters.flatMap(details),
  ]);
}

const columns = [
  'accepted',
  'dropped',
  'reflected',
  'redirected',
  'mirrored',
  'modified',
  'short',
  'failed',
] as const satisfies readonly (keyof FilterSummary)[];

/** What each worker did; how busy it was, as a share of its time. */
function laneTable(lanes: readonly LaneSummary[]): string[] {
  return indented(
    table([
      ['lane', 'read', 'forwarded', 'dropped', 'lost', 'restarts', 'busy'],
      ...lanes.map(({ lane, read, forwarded, dropped, lost, restarts, load }) => [
        lane,
        ...[read, forwarded, dropped, lost, restarts],
        load.toFixed(2),
      ]),
    ]),
  );
}

/** What the filter counts itself. */
function details({ name, reasons, counters }: FilterSummary): string[] {
  const parts = [listed(reasons), listed(counters)].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`${name}: ${parts.join('; ')}`];
}

/** `telnet 340, noRoute 5` */
function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
