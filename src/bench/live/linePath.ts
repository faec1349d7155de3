import { fileURLToPath } from 'node:url';

import type { LinePlan } from './lineProgram.ts';
import type { PathKind } from './path.ts';
import { openProcessPath } from './processPath.ts';

/** What is told of a line. */
export interface LinePathOptions extends Pick<PathKind, 'least'> {
  /** As in `openPipeline`. Default `'auto'`. */
  readonly engine?: string;
  /** As in `openPipeline`. Default 0. */
  readonly busyPoll?: number;
  /** URLs of modules whose default exports are filters, in order; one may be named more than once. Default none. */
  readonly filters?: readonly string[];
  /** Options for the Node that runs the line, such as `--import URL`. Default none. */
  readonly nodeOptions?: readonly string[];
}

/** A line between two TAP devices, in a process of its own. */
export function linePath(name: string, options: LinePathOptions = {}): PathKind {
  const { engine = 'auto', busyPoll = 0, filters = [], nodeOptions = [], ...rest } = options;
  return {
    ...{ name, canWait: true, ...rest },
    open(context, { offloads, count }) {
      const program = fileURLToPath(new URL('./lineProgram.js', import.meta.url));
      return openProcessPath(context, {
        command({ left, right }) {
          const shape = { engine, busyPoll, filters };
          const plan: LinePlan = { left, right, offloads, ...shape, ...(count === undefined ? {} : { count }) };
          return [process.execPath, ...nodeOptions, program, JSON.stringify(plan)];
        },
      });
    },
  };
}
