import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BenchContext, type BenchGroup, type Contender, type Sample, Unavailable } from './benchCase.ts';
import { type Effort, reaches } from './effort.ts';
import { pinThisThread } from './cores.ts';
import { describeMachine } from './machine.ts';
import { openPrograms } from './programs.ts';
import { type GroupReport, type LeftOut, REPORT_SCHEMA, type Report, rowsOf } from './report.ts';
import { limitSeconds } from './time.ts';

/** How a run goes. */
export interface BenchOptions {
  /** Default `'default'`. */
  readonly effort?: Effort;
  /** Seed of generated traffic. Default 1. */
  readonly seed?: number;
  /** Ends the run after the sample at hand; `runBench` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Folder for what is made on the way. Default: one in the system's folder for temporary files, removed at the end. */
  readonly folder?: string;
  /** Told what is being done, for people who wait. */
  readonly progress?: (text: string) => void;
}

/**
 * Measures groups of cases, one group after the other. The cases of a group stand ready together and take turns, A B C
 * A B C …, so that what disturbs the machine disturbs all of them; the first rounds warm up and are not counted.
 *
 * For micro groups this process runs on the core of the twins in C, if there are cores to choose from and `taskset` to do it.
 *
 * What cannot be measured is left out, and the report says why. The run takes no longer than `limitSeconds(groups)` and a
 * few seconds: a group that is too slow gets fewer rounds.
 *
 * @throws {Error} when a case fails, or the signal aborts; everything is closed by then
 */
export async function runBench(groups: readonly BenchGroup[], options: BenchOptions = {}): Promise<Report> {
  const { effort = 'default', seed = 1, signal = new AbortController().signal, progress = () => undefined } = options;
  const start = performance.now();
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const leftOut: LeftOut[] = [];
  const reports: GroupReport[] = [];
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'tapline-bench-'));
  const programs = openPrograms(folder);
  // Every child listens to it.
  setMaxListeners(0, signal);
  try {
    for (const group of groups) {
      signal.throwIfAborted();
      progress(group.title);
      const leave = (name: string | null, reason: string): void => {
        leftOut.push({ group: group.name, case: name, reason });
      };
      const { sampleMs } = group.size[effort];
      const told = new Set<string>();
      const context: BenchContext = {
        ...{ effort, seed, signal, programs, folder, sampleMs },
        leftOut(reason) {
          if (!told.has(reason)) leave(null, reason);
          told.add(reason);
        },
      };
      const report = await measureGroup(group, context, leave);
      if (report !== undefined) reports.push(report);
    }
  } finally {
    programs.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { schema: REPORT_SCHEMA, startedAt, seconds, effort, seed, machine, groups: reports, leftOut };
}

type Leave = (name: string | null, reason: string) => void;

async function measureGroup(group: BenchGroup, context: BenchContext, leave: Leave): Promise<GroupReport | undefined> {
  const contenders = new Map<string, Contender>();
  const unpin = group.kind === 'micro' ? pinThisThread() : undefined;
  try {
    for (const one of group.cases) {
      if (!reaches(context.effort, one.least)) continue;
      context.signal.throwIfAborted();
      try {
        contenders.set(one.name, await one.open(context));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        leave(one.name, error.message);
      }
    }
    if (contenders.size === 0) return undefined;
    return await takeRounds(group, context, contenders, leave);
  } finally {
    unpin?.();
    await closeAll([...contenders.values()]);
  }
}

async function takeRounds(
  group: BenchGroup,
  { effort, signal }: BenchContext,
  contenders: ReadonlyMap<string, Contender>,
  leave: Leave,
): Promise<GroupReport> {
  const { rounds, warmUps = 1 } = group.size[effort];
  const end = performance.now() + limitSeconds(group, effort) * 1000;
  const samples = new Map<string, Sample[]>([...contenders.keys()].map((name) => [name, []]));
  let counted = 0;
  for (let round = -warmUps; round < rounds; round++) {
    if (counted > 0 && performance.now() > end) {
      leave(null, `too slow here: stopped after ${counted} of ${rounds} rounds`);
      break;
    }
    for (const [name, contender] of contenders) {
      signal.throwIfAborted();
      const sample = await contender.sample();
      if (round >= 0) samples.get(name)?.push(sample);
    }
    if (round >= 0) counted++;
  }
  const { name, title, kind, reference, notes = [] } = group;
  const isThere = reference !== undefined && contenders.has(reference);
  const rows = rowsOf(group, samples);
  return { name, title, kind, reference: isThere ? reference : null, rounds: counted, rows, notes };
}

/** Closes all of them, also when closing one fails; the first failure is told. */
async function closeAll(contenders: readonly Contender[]): Promise<void> {
  const ends = await Promise.allSettled(contenders.map((contender) => (async () => contender.close?.())()));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
