import { capture } from '../../pipeline/file.ts';
import { type ChainItem, toItem } from '../../filter/guarded.ts';
import type { Pipeline } from '../../pipeline/declaration.ts';
import type { Given } from '../given.ts';
import type { FilterArgument } from '../load/filterArgument.ts';
import { say } from '../output.ts';
import { type Settings, checkSettings } from '../load/settings.ts';
import { type AnyLine, type AnyPipeline, drive } from './drive.ts';
import { planOf, type RunPlan } from './plan.ts';
import { listenForSignals } from './signals.ts';

/**
 * `tapline run`: opens the line and keeps it going until a signal, or until a port is lost. Everything is checked before
 * anything is opened.
 *
 * @returns the exit code
 */
export async function run(given: Given): Promise<number> {
  const stopper = listenForSignals();
  const plan = planOf(given);
  const watch = plan.watched.length > 0 ? (await import('./watch.ts')).watchFilters : undefined;
  return drive(() => pipelineOf(plan), stopper, {
    json: plan.json,
    onStart(line) {
      if (plan.verbose) say(engineText(line));
      say(`ready: ${portList(line)}`);
      return watch?.(plan.watched, line, plan.settings);
    },
  });
}

async function pipelineOf(plan: RunPlan): Promise<AnyPipeline> {
  const { source, filters, settings, record, isCut, engine, busyPoll, queues } = plan;
  const base: Pipeline =
    'ports' in source ? source : await (await import('../load/pipeline.ts')).loadPipeline(source.file);
  const pipeline = await withFilters(base, filters, settings);
  if ('ports' in source && source.ports.length === 1 && pipeline.filters?.length === 0 && record === undefined) {
    say('tapline: note: one port and no filter: packets come in and none goes out');
  }
  return {
    ...pipeline,
    ...(record === undefined ? {} : { record: capture(record, isCut ? { superPackets: 'segments' } : {}) }),
    ...(engine === undefined ? {} : { engine }),
    ...(busyPoll === undefined ? {} : { busyPoll }),
    ...(queues === undefined ? {} : { queues }),
  };
}

/** Appends the filters of a command line to those of a pipeline, and configures them. */
export async function withFilters(
  base: Pipeline,
  given: readonly FilterArgument[],
  settings: Settings,
): Promise<Pipeline> {
  const { loadFilters } = await import('../load/filters.ts');
  const filters = [...(base.filters ?? [])];
  // One after the other: errors come in the order of the command line.
  for (const argument of given) {
    filters.push(...('file' in argument ? await loadFilters(argument.file, settings) : [argument.filter]));
  }
  if (settings.size > 0) checkSettings(settings, filters.map(nameOf));
  return { ...base, filters };
}

/** A file may hold functions that make filters; who they are they say when they are called. */
function nameOf(item: ChainItem): string {
  return toItem(item).source.manifest.name;
}

function engineText(line: AnyLine): string {
  const { engine, engineReason } = line;
  const lanes = 'queues' in line ? ` in ${line.queues} ${line.queues === 1 ? 'lane' : 'lanes'}` : '';
  return `engine: ${engine}${lanes}${engineReason === undefined ? '' : ` (${engineReason})`}`;
}

/** Ports by name, with the device where that has another one. */
function portList(line: AnyLine): string {
  return [...line.ports.values()]
    .map(({ name, target }) => ('name' in target && target.name !== name ? `${name} (${target.name})` : name))
    .join(', ');
}
