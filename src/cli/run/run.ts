import { TaplineError } from '../../errors.ts';
import type { Pipeline } from '../../pipeline/declaration.ts';
import type { Line } from '../../pipeline/line.ts';
import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import type { Given } from '../given.ts';
import { print, say } from '../output.ts';
import { planOf, type RunPlan } from './plan.ts';
import { listenForSignals } from './signals.ts';
import { summaryText } from './summaryText.ts';

/**
 * `tapline run`: opens the line and keeps it going until a signal, or until a port is lost. Everything is checked before
 * anything is opened.
 *
 * @returns the exit code
 */
export async function run(given: Given): Promise<number> {
  const stopper = listenForSignals();
  const plan = planOf(given);
  const pipeline = await Promise.race([pipelineOf(plan), stopped(stopper.signal)]);
  if (pipeline === undefined) return EXIT_OK;
  const line = await open(pipeline);
  stopper.onReport(() => {
    say(summaryText(line.summary()));
  });
  const code = await keepRunning(line, stopper.signal);
  report(line, plan.json);
  return code;
}

/** A file of the user may take as long as it likes to load; a stop need not wait for it. */
function stopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

async function pipelineOf({ source, filterFiles, engine }: RunPlan): Promise<Pipeline> {
  const { loadFilters } = await import('../load/filters.ts');
  const base: Pipeline =
    'ports' in source ? source : await (await import('../load/pipeline.ts')).loadPipeline(source.file);
  const filters = [...(base.filters ?? [])];
  // One after the other: errors come in the order of the command line.
  for (const file of filterFiles) filters.push(...(await loadFilters(file)));
  if ('ports' in source && source.ports.length === 1 && filters.length === 0) {
    say('tapline: note: one port and no filter: packets come in and none goes out');
  }
  return { ...base, filters, ...(engine === undefined ? {} : { engine }) };
}

/** Wrong arguments can only come from the user's files here. */
async function open(pipeline: Pipeline): Promise<Line> {
  const { openPipeline } = await import('../../pipeline/open.ts');
  try {
    return await openPipeline(pipeline);
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new TaplineError('BAD_FILE', `Cannot open the pipeline: ${cause.message}`, { cause });
  }
}

/** A port that is lost ends the line, but not without its summary. */
async function keepRunning(line: Line, signal: AbortSignal): Promise<number> {
  try {
    if (signal.aborted) {
      await line.close();
      return EXIT_OK;
    }
    const running = line.run({ signal });
    say(`ready: ${portList(line)}`);
    await running;
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof TaplineError)) throw error;
    say(`tapline: ${error.message}`);
    return EXIT_FAILURE;
  }
}

/** Ports by name, with the device where that has another one. */
function portList(line: Line): string {
  return [...line.ports.values()]
    .map(({ name, target }) => ('name' in target && target.name !== name ? `${name} (${target.name})` : name))
    .join(', ');
}

function report(line: Line, json: boolean): void {
  const summary = line.summary();
  if (json) print(JSON.stringify(summary));
  else say(summaryText(summary));
}
