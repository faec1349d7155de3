import { mkdirSync, rmSync } from 'node:fs';

import type { BenchGroup } from '../../bench/benchCase.ts';
import type { Effort } from '../../bench/effort.ts';
import type { Report } from '../../bench/report.ts';
import { runBench } from '../../bench/runBench.ts';
import { openTap } from '../../device/open.ts';
import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import { describeFailure } from '../failure.ts';
import { drained, guardOutput, say } from '../output.ts';
import type { NamedFilter } from '../load/filterArgument.ts';
import { loadGroups } from './groups.ts';

/**
 * The measuring itself, in namespaces of its own where there are devices. It is a program; `bench.ts` starts it, and
 * cutting the channel to it ends it.
 *
 * @module
 */

export interface InsidePlan {
  readonly effort: Effort;
  readonly seed: number;
  /** Groups to be measured. */
  readonly names: readonly string[];
  readonly filters: readonly NamedFilter[];
  /** Where compiled programs are put: it is made here, and removed by whoever lives longer. */
  readonly folder: string;
  /** Why there are no namespaces. */
  readonly impossible?: string;
}

/** What it tells the one who started it. */
export interface InsideMessage {
  readonly report: Report;
}

const plan = JSON.parse(process.argv[2] ?? '') as InsidePlan;
const stopped = new AbortController();
process.on('disconnect', () => {
  stopped.abort();
});
// The channel may have been cut while this module was loaded.
if (!process.connected) stopped.abort();

guardOutput();
const code = await run();
// Whoever started this may have been killed.
if (stopped.signal.aborted) rmSync(plan.folder, { recursive: true, force: true });
await drained();
process.exit(code);

async function run(): Promise<number> {
  try {
    stopped.signal.throwIfAborted();
    mkdirSync(plan.folder, { mode: 0o700 });
    const all = await loadGroups(plan.filters);
    await tell({ report: await measure(all.filter(({ name }) => plan.names.includes(name))) });
    return EXIT_OK;
  } catch (error) {
    if (!stopped.signal.aborted) say(describeFailure(error, ['bench']));
    return EXIT_FAILURE;
  }
}

async function measure(groups: readonly BenchGroup[]): Promise<Report> {
  const isLive = groups.some(({ kind }) => kind === 'live');
  const why = isLive ? (plan.impossible ?? (await whyNoDevice())) : undefined;
  const possible = groups.filter(({ kind }) => kind === 'micro' || why === undefined);
  let number = 0;
  const report = await runBench(possible, {
    ...{ effort: plan.effort, seed: plan.seed, folder: plan.folder, signal: stopped.signal },
    progress(text) {
      say(`[${++number}/${possible.length}] ${text}`);
    },
  });
  if (why === undefined) return report;
  const leftOut = groups
    .filter((group) => !possible.includes(group))
    .map(({ name }) => ({ group: name, case: null, reason: `there can be no devices here: ${why}` }));
  return { ...report, leftOut: [...report.leftOut, ...leftOut] };
}

/** Why no device can be made; undefined when one can. */
async function whyNoDevice(): Promise<string | undefined> {
  try {
    const device = await openTap({ name: '' });
    device.close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function tell(message: InsideMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}
