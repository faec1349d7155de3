import type { FilterSummary, PortSummary, Summary } from '../pipeline/summary.ts';

/** The sum of what several lines over the same ports have done. Filters are added up by name, in the order of the first. */
export function sumOf(summaries: readonly Summary[]): Summary {
  const add = (count: (summary: Summary) => number): number => total(summaries, count);
  return {
    schema: 1,
    read: add(({ read }) => read),
    made: add(({ made }) => made),
    forwarded: add(({ forwarded }) => forwarded),
    dropped: add(({ dropped }) => dropped),
    lost: add(({ lost }) => lost),
    merged: add(({ merged }) => merged),
    held: add(({ held }) => held),
    mirrored: add(({ mirrored }) => mirrored),
    mirrorsLost: add(({ mirrorsLost }) => mirrorsLost),
    kernelDropped: add(({ kernelDropped }) => kernelDropped),
    reasons: sumOfRecords(summaries.map(({ reasons }) => reasons)),
    ports: sumsByName(
      summaries.flatMap(({ ports }) => Object.entries(ports)),
      sumOfPorts,
    ),
    filters: Object.values(
      sumsByName(
        summaries.flatMap(({ filters }) => filters).map((filter) => [filter.name, filter] as const),
        sumOfFilters,
      ),
    ),
  };
}

function sumOfPorts(ports: readonly PortSummary[]): PortSummary {
  return {
    read: total(ports, ({ read }) => read),
    readBytes: total(ports, ({ readBytes }) => readBytes),
    forwarded: total(ports, ({ forwarded }) => forwarded),
    forwardedBytes: total(ports, ({ forwardedBytes }) => forwardedBytes),
    lost: total(ports, ({ lost }) => lost),
    mirrored: total(ports, ({ mirrored }) => mirrored),
    kernelDropped: total(ports, ({ kernelDropped }) => kernelDropped),
    refusedOffloads: [...new Set(ports.flatMap(({ refusedOffloads }) => refusedOffloads))],
  };
}

function sumOfFilters(filters: readonly FilterSummary[]): FilterSummary {
  const add = (count: (filter: FilterSummary) => number): number => total(filters, count);
  return {
    name: filters[0]?.name ?? '',
    packets: add(({ packets }) => packets),
    accepted: add(({ accepted }) => accepted),
    dropped: add(({ dropped }) => dropped),
    reflected: add(({ reflected }) => reflected),
    redirected: add(({ redirected }) => redirected),
    mirrored: add(({ mirrored }) => mirrored),
    modified: add(({ modified }) => modified),
    short: add(({ short }) => short),
    outside: add(({ outside }) => outside),
    failed: add(({ failed }) => failed),
    reasons: sumOfRecords(filters.map(({ reasons }) => reasons)),
    counters: sumOfRecords(filters.map(({ counters }) => counters)),
  };
}

/** A name may be one that every object inherits. */
function sumsByName<Part>(
  entries: readonly (readonly [string, Part])[],
  sumOfParts: (parts: readonly Part[]) => Part,
): Record<string, Part> {
  const parts = new Map<string, Part[]>();
  for (const [name, part] of entries) parts.set(name, [...(parts.get(name) ?? []), part]);
  return Object.fromEntries([...parts].map(([name, all]) => [name, sumOfParts(all)]));
}

function sumOfRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  return sumsByName(
    records.flatMap((record) => Object.entries(record)),
    (counts) => total(counts, (count) => count),
  );
}

function total<Part>(parts: readonly Part[], count: (part: Part) => number): number {
  return parts.reduce((sum, part) => sum + count(part), 0);
}
