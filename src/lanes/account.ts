import type { StageReader } from '../core/stageReader.ts';
import type { Remains } from '../engine/lent/remains.ts';
import type { ChainRows } from '../pipeline/chain.ts';
import type { PortSummary, Summary } from '../pipeline/summary.ts';
import type { PortTally, Tallies } from '../pipeline/tally.ts';

/** What filters in TypeScript counted themselves, by filter: it lies in the worker, so it is what was last heard. */
export type LastCounters = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** What a worker leaves that can be counted. */
export interface Books {
  readonly tallies: Tallies;
  /** Of the ports, by number. */
  readonly names: readonly string[];
  readonly reader: Pick<StageReader, 'rows' | 'counts' | 'reasonsOf' | 'reasons'>;
  readonly filters: ChainRows['filters'];
  /** What the kernel had done; undefined as long as the worker lives. */
  readonly remains: Remains | undefined;
  readonly last: LastCounters;
}

/**
 * The summary of a lane by what lies in shared memory. Of a worker that has died nothing is held any more: packets that it
 * had, and those that the kernel had put into its slots, are lost as `laneLost`. What was written is forwarded, even where
 * the worker did not come to hear of it.
 */
export function accountOf({ tallies, names, reader, filters, remains, last }: Books): Summary {
  const drops = reader.reasons();
  const { made, mirrorsLost, losses } = tallies.line;
  const read = sum(tallies.ports, (tally, port) => tally.read + unread(tally, port, remains));
  const dropped = [...drops.values()].reduce((total, count) => total + count, 0);
  const lost = sum(tallies.ports, (tally) => tally.lost);
  const rest = read + made - dropped - lost - sum(tallies.ports, (tally) => tally.forwarded);
  const late = lateWrites(tallies.ports, remains, rest);
  const forwarded = sum(tallies.ports, (tally, port) => tally.forwarded + (late[port] ?? 0));
  const left = Math.max(0, read + made - dropped - lost - forwarded);
  const laneLost = remains === undefined ? 0 : left;
  const reasons = [...drops, ...Object.entries(losses), ['laneLost', laneLost] as const];
  return {
    schema: 1,
    read,
    made,
    forwarded,
    dropped,
    lost: lost + laneLost,
    merged: 0,
    held: left - laneLost,
    mirrored: sum(tallies.ports, (tally) => tally.mirrored),
    mirrorsLost,
    kernelDropped: 0,
    reasons: addUp(reasons),
    ports: Object.fromEntries(names.map((name, port) => [name, portOf(tallies.ports[port], port, remains, late)])),
    filters: filters.map(({ name, row }) => ({
      name,
      ...reader.counts(row),
      reasons: reader.reasonsOf(reader.rows.find((one) => one.row === row) ?? NO_REASONS),
      counters: last.get(name) ?? {},
    })),
  };
}

const NO_REASONS = { reasons: [], base: 0 };

/** Frames that the kernel put into slots, and nobody took. */
function unread({ read }: PortTally, port: number, remains: Remains | undefined): number {
  return remains?.unread(port, read) ?? 0;
}

/** Frames that were written after the worker had last looked, by port; copies are not told from others. */
function lateWrites(ports: readonly PortTally[], remains: Remains | undefined, held: number): number[] {
  let most = Math.max(0, held);
  return ports.map(({ forwarded, mirrored }, port) => {
    const late = Math.min(most, remains?.unconfirmed(port, forwarded + mirrored) ?? 0);
    most -= late;
    return late;
  });
}

function portOf(
  tally: PortTally | undefined,
  port: number,
  remains: Remains | undefined,
  late: readonly number[],
): PortSummary {
  if (tally === undefined) throw new RangeError(`There are no counters of port ${port}`);
  const counts = tally.counts();
  return {
    ...counts,
    read: counts.read + unread(tally, port, remains),
    forwarded: counts.forwarded + (late[port] ?? 0),
    kernelDropped: 0,
    refusedOffloads: [],
  };
}

function addUp(entries: Iterable<readonly [string, number]>): Record<string, number> {
  const total = new Map<string, number>();
  for (const [name, count] of entries) if (count > 0) total.set(name, (total.get(name) ?? 0) + count);
  return Object.fromEntries(total);
}

function sum(ports: readonly PortTally[], count: (tally: PortTally, port: number) => number): number {
  return ports.reduce((total, tally, port) => total + count(tally, port), 0);
}
