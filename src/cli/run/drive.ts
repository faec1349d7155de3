import { TaplineError } from '../../errors.ts';
import type { Pipeline } from '../../pipeline/declaration.ts';
import type { LanesPipeline } from '../../lanes/declaration.ts';
import type { LanesLine } from '../../lanes/lanesLine.ts';
import type { LanesSummary } from '../../lanes/summary.ts';
import type { Line } from '../../pipeline/line.ts';
import type { Summary } from '../../pipeline/summary.ts';
import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import { print, say } from '../output.ts';
import type { Stopper } from './signals.ts';
import { summaryText } from './summaryText.ts';

/** A line of one thread, or one with lanes: the verbs of the latter answer later. */
export type AnyLine = Line | LanesLine;
export type AnyPipeline = Pipeline | LanesPipeline;

/** What differs between the commands that run a line. */
export interface DriveOptions {
  /** Whether the summary goes to stdout as JSON. */
  readonly json: boolean;
  /** Called when packets begin to move. May return what is to be called when they do no more. */
  readonly onStart?: (line: AnyLine) => (() => void) | undefined;
}

/**
 * Opens a line and keeps it going until a signal, its own end, or the loss of a port; then comes the summary.
 *
 * @returns the exit code
 */
export async function drive(
  load: () => Promise<AnyPipeline>,
  stopper: Stopper,
  { json, onStart }: DriveOptions,
): Promise<number> {
  const pipeline = await Promise.race([load(), stopped(stopper.signal)]);
  if (pipeline === undefined) return EXIT_OK;
  // A capture from a pipe begins when somebody writes it.
  const line = await Promise.race([open(pipeline), stopped(stopper.signal)]);
  if (line === undefined) return EXIT_OK;
  listen(line, stopper);
  const code = await keepRunning(line, stopper.signal, onStart);
  const summary = await line.summary();
  report(summary, json);
  return hasLostCapture(summary) ? EXIT_FAILURE : code;
}

/** A file of the user may take as long as it likes to load; a stop need not wait for it. */
function stopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

/** Wrong arguments can only come from the user's files here. */
async function open(pipeline: AnyPipeline): Promise<AnyLine> {
  const { hasQueues, openPipeline } = await import('../../lanes/openPipeline.ts');
  try {
    return await (hasQueues(pipeline) ? openPipeline(pipeline) : openPipeline(pipeline));
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new TaplineError('BAD_FILE', `Cannot open the pipeline: ${cause.message}`, { cause });
  }
}

function listen(line: AnyLine, stopper: Stopper): void {
  stopper.onReport(() => {
    void Promise.resolve(line.summary()).then((summary) => {
      say(summaryText(summary));
    });
  });
  stopper.onFlush(() => {
    line.flush().catch((error: unknown) => {
      say(`tapline: ${String(error)}`);
    });
  });
}

/** A port that is lost, or a file that is damaged, ends the line, but not without its summary. */
async function keepRunning(line: AnyLine, signal: AbortSignal, onStart: DriveOptions['onStart']): Promise<number> {
  let onStop: (() => void) | undefined;
  try {
    if (signal.aborted) {
      await line.close();
      return EXIT_OK;
    }
    const running = line.run({ signal });
    onStop = onStart?.(line);
    signal.addEventListener('abort', () => setTimeout(sayWaiting, PATIENCE_MS, line).unref());
    await running;
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof TaplineError)) throw error;
    onStop?.();
    onStop = undefined;
    say(`tapline: ${error.message}`);
    return EXIT_FAILURE;
  } finally {
    onStop?.();
  }
}

/** How long the end of a line may take without a word. */
const PATIENCE_MS = 1000;

/** A line with lanes has no captures, but may have a filter that does not return. */
function sayWaiting(line: AnyLine): void {
  const what = 'queues' in line ? 'lanes to end' : 'a disk, or a reader, to take what was captured';
  say(`tapline: waiting for ${what}: a second signal ends it at once`);
}

function report(summary: Summary | LanesSummary, json: boolean): void {
  if (json) print(JSON.stringify(summary));
  else say(summaryText(summary));
}

/** A reader that goes away (`| head`) has what it wanted; anything else has lost what somebody wanted. */
function hasLostCapture({ ports, record }: Summary): boolean {
  const captures = [...Object.values(ports).map(({ capture }) => capture), record];
  return captures.some((capture) => capture !== undefined && ![null, 'EPIPE'].includes(capture.stopped));
}
