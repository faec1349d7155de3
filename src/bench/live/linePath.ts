import { fileURLToPath } from 'node:url';

import type { LineFilter, LinePlan } from './lineProgram.ts';
import { type PathKind, offloadsOfBoth } from './path.ts';
import { openProcessPath } from './processPath.ts';

/** What is told of a line. */
export interface LinePathOptions extends Pick<PathKind, 'least'> {
  /** As in `openPipeline`. Default `'auto'`. */
  readonly engine?: string;
  /** As in `openPipeline`. Default 0. */
  readonly busyPoll?: number;
  /** Queues of each device, with a thread for each of them. Default: one queue, and no thread. */
  readonly queues?: number;
  /**
   * In order: URLs of modules whose default exports are filters, and pcap expressions. One may be there more than once.
   * Default none.
   */
  readonly filters?: readonly LineFilter[];
  /** Options for the Node that runs the line, such as `--import URL`. Default none. */
  readonly nodeOptions?: readonly string[];
}

/** A line between two TAP devices, in a process of its own. */
export function linePath(name: string, options: LinePathOptions = {}): PathKind {
  const { engine = 'auto', busyPoll = 0, queues, filters = [], nodeOptions = [], ...rest } = options;
  return {
    // Threads cannot be told to leave their devices alone.
    ...{ name, canWait: queues === undefined, ...rest },
    open(context, { offloads, count }) {
      const program = fileURLToPath(new URL('./lineProgram.js', import.meta.url));
      return openProcessPath(context, {
        isSpread: queues !== undefined,
        command({ left, right }) {
          const both = offloadsOfBoth(offloads);
          const plan: LinePlan = {
            left,
            right,
            offloads: both,
            engine,
            busyPoll,
            filters,
            ...(count === undefined ? {} : { count }),
            ...(queues === undefined ? {} : { queues }),
          };
          return [process.execPath, ...nodeOptions, program, JSON.stringify(plan)];
        },
      });
    },
  };
}
