import type { BenchCase } from '../benchCase.ts';
import type { FilterFactory, FilterLike } from '../../filter/define.ts';
import { toFilterSource } from '../../filter/define.ts';
import { traffic } from '../traffic.ts';
import { functionCase } from './functionCase.ts';
import { openJudgedBatch } from './judgedBatch.ts';

/** What a filter is timed over. */
export interface FilterCaseOptions {
  /** Frames that it judges, 1 to 256, made from the run's seed. Default: `traffic({ seed })`, 60-byte TCP. */
  readonly frames?: (seed: number) => readonly Uint8Array[];
  /** Names of the ports that it may redirect to. Default: `left`, by which packets come, and `right`. */
  readonly ports?: readonly string[];
}

/**
 * A case that times a filter of any kind, or several in a row, over a batch of dissected packets, as a line calls them.
 * What a filter says has no effect, so every call judges the same packets, and so does every filter of a row; one that
 * edits packets edits the same bytes again. One that throws, or traps, ends the run.
 */
export function filterCase(
  name: string,
  filter: FilterLike | FilterFactory | readonly (FilterLike | FilterFactory)[],
  options: FilterCaseOptions = {},
): BenchCase {
  const sources = [filter].flat().map((one) => toFilterSource(one));
  const { frames = (seed: number) => traffic({ seed }), ports = ['left', 'right'] } = options;
  return functionCase(name, async ({ seed }) => {
    const onFailure = (error: unknown): never => {
      throw error;
    };
    const batch = await openJudgedBatch(sources, frames(seed), { ports, onFailure });
    return {
      packets: batch.count,
      run() {
        batch.judge();
      },
      close() {
        batch.close();
      },
    };
  });
}
