import { type Child, startChild } from '../children.ts';
import type { BenchContext } from '../benchCase.ts';

/** Counts the instructions of one thread, kernel and user. */
export interface InstructionCounter {
  /** Instructions since the counter was opened. */
  read(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a counter for the main thread of a process, or, where the processor or the kernel has none, says so in the report
 * and returns undefined.
 *
 * @param event `'task-clock'` counts nanoseconds instead, which every kernel can
 */
export async function openInstructionCounter(
  context: BenchContext,
  pid: number | undefined,
  event?: 'task-clock',
): Promise<InstructionCounter | undefined> {
  if (pid === undefined) return undefined;
  const child = startChild(
    [context.programs.compile('counter'), String(pid), ...(event === undefined ? [] : [event])],
    context,
  );
  try {
    await child.line();
  } catch (error) {
    context.signal.throwIfAborted();
    const why = error instanceof Error ? error.message.replace(/^.*perf_event_open: /s, '') : String(error);
    context.leftOut(`instructions: there are no counters of the processor here (${why})`);
    return undefined;
  }
  return { read: () => ask(child), close: () => child.end() };
}

async function ask(child: Child): Promise<number> {
  child.say('read');
  return Number(await child.line());
}
