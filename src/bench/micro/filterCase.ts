import type { BenchCase } from '../benchCase.ts';
import type { FilterFactory, FilterLike } from '../../filter/define.ts';
import { StageTable } from '../../core/stageTable.ts';
import { toFilterSource } from '../../filter/define.ts';
import type { BindCopy } from '../../filter/stage.ts';
import { nativeCopies, plainCopies } from '../../pipeline/copies.ts';
import { loadLibc } from '../../sys/libc.ts';
import { traffic } from '../traffic.ts';
import { fillArena } from './filledArena.ts';
import { functionCase } from './functionCase.ts';

/** What a filter is timed over. */
export interface FilterCaseOptions {
  /** Frames that it judges, 1 to 256, made from the run's seed. Default: `traffic({ seed })`, 60-byte TCP. */
  readonly frames?: (seed: number) => readonly Uint8Array[];
  /** Names of the ports that it may redirect to. Default: `left`, by which packets come, and `right`. */
  readonly ports?: readonly string[];
}

/**
 * A case that times a filter of any kind over a batch of dissected packets, as a line calls it. What the filter says has
 * no effect, so every call judges the same packets; a filter that edits them edits the same bytes again.
 */
export function filterCase(
  name: string,
  filter: FilterLike | FilterFactory,
  options: FilterCaseOptions = {},
): BenchCase {
  const source = toFilterSource(filter);
  const { frames = (seed: number) => traffic({ seed }), ports = ['left', 'right'] } = options;
  return functionCase(name, async ({ seed }) => {
    const { arena, batch, count } = fillArena(frames(seed));
    const stage = source.open({
      ...{ arena, batch, stage: new StageTable(arena.view).take(source.manifest, source.limits) },
      portNumber: (port) => (ports.includes(port) ? ports.indexOf(port) : undefined),
      portName: (number) => ports[number] ?? '',
      reportFailure(error) {
        throw error;
      },
      log: () => undefined,
      bindCopy: await copies(),
    });
    let now = 0;
    return {
      packets: count,
      run() {
        stage.judge(count, (now += BATCH_NS));
      },
      close() {
        stage.close();
      },
    };
  });
}

/** From one batch to the next, for filters that look at the time. */
const BATCH_NS = 1_000_000;

/** As a line between devices copies; where there can be none, as a line between queues does. */
async function copies(): Promise<BindCopy> {
  try {
    return nativeCopies(await loadLibc());
  } catch {
    return plainCopies;
  }
}
