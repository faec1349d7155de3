import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BenchGroup } from '../../bench/benchCase.ts';
import { chartSvg } from '../../bench/chart.ts';
import { compareReports } from '../../bench/compare.ts';
import type { Report } from '../../bench/report.ts';
import { comparisonText, reportText } from '../../bench/reportText.ts';
import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import type { Given } from '../given.ts';
import { findNamespace, runInside } from '../insideNamespace.ts';
import { print, say } from '../output.ts';
import { loadGroups } from './groups.ts';
import type { InsideMessage, InsidePlan } from './inside.ts';
import { foretell, listText } from './list.ts';
import { type BenchPlan, chooseGroups, planOf } from './plan.ts';

/**
 * `tapline bench`.
 *
 * @returns the exit code: 1 when something failed, or is worse than in the baseline
 */
export async function bench(given: Given): Promise<number> {
  const plan = planOf(given);
  const all = await loadGroups(plan.filters);
  const groups = chooseGroups(all, plan);
  if (plan.list) {
    print(listText(all, plan.effort));
    return EXIT_OK;
  }
  say(`${foretell(groups, plan.effort)}, seed ${plan.seed}`);
  const ending = await measure(groups, plan);
  return typeof ending === 'number' ? ending : tell(ending, plan);
}

/** Measures in a process and namespaces that end with this one. Returns the exit code when there is no report. */
async function measure(groups: readonly BenchGroup[], plan: BenchPlan): Promise<Report | number> {
  const needsDevices = groups.some(({ kind }) => kind === 'live');
  const namespace = needsDevices ? findNamespace(NAMESPACE_FLAGS) : { command: [] };
  const folder = join(tmpdir(), `tapline-bench-${randomUUID()}`);
  const { effort, seed, filters } = plan;
  const inside: InsidePlan = {
    ...{ effort, seed, filters, folder, names: groups.map(({ name }) => name) },
    ...('impossible' in namespace ? { impossible: namespace.impossible } : {}),
  };
  let report: Report | undefined;
  try {
    const code = await runInside({
      url: new URL('./inside.js', import.meta.url),
      args: [JSON.stringify(inside)],
      command: 'command' in namespace ? namespace.command : [],
      title: 'the benchmark',
      onMessage(message) {
        ({ report } = message as InsideMessage);
      },
    });
    return code === EXIT_OK && report !== undefined ? report : code === EXIT_OK ? EXIT_FAILURE : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With a PID namespace, everything inside ends with its first process, whatever happens. */
const NAMESPACE_FLAGS = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

function tell(report: Report, { json, output, baseline }: BenchPlan): number {
  if (output !== undefined) write(output, report);
  print(json ? JSON.stringify(report) : reportText(report));
  if (baseline === undefined) return EXIT_OK;
  const comparison = compareReports(baseline, report);
  const text = comparisonText(comparison);
  if (json) say(text);
  else print(`\n${text}`);
  if (comparison.rows.length === 0) say('tapline: Nothing could be compared with the baseline');
  return comparison.rows.length === 0 || comparison.regressions.length > 0 ? EXIT_FAILURE : EXIT_OK;
}

function write(path: string, report: Report): void {
  const chart = path.replace(/\.json$/, '.svg');
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(chart, chartSvg(report));
  say(`Written: ${path}, ${chart}`);
}
