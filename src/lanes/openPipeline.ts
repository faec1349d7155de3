import type { Pipeline } from '../pipeline/declaration.ts';
import type { Line } from '../pipeline/line.ts';
import { openPipeline as openLine } from '../pipeline/open.ts';
import type { LanesPipeline } from './declaration.ts';
import type { LanesLine } from './lanesLine.ts';

/**
 * Opens a line whose packets are moved by worker threads, one for each queue: `queues` says how many. Its verbs answer
 * later. Ports are `tap(…)` and `tun(…)`, and filters can be sent to a thread: `filterFrom`, `wasmFilter`, `pcapFilter`.
 *
 * @throws {TypeError} when the declaration is wrong, or a port or filter belongs to one thread
 * @throws {RangeError} for a number outside its range
 * @throws {TaplineError} as `openTap` does; `ROUTE_KIND`, `ARENA_FULL`, `LANE_LOST`
 */
export function openPipeline(pipeline: LanesPipeline): Promise<LanesLine>;
/**
 * Opens a line: its devices, the arena, the engine, the filters. Packets move from `line.run()` on. The line closes all
 * its ports, those that were handed to it open as well. If anything fails, everything is closed again.
 *
 * @throws {TypeError} when the declaration is wrong
 * @throws {TaplineError} as `openTap` does; `ROUTE_KIND`, `ARENA_FULL`
 */
export function openPipeline(pipeline: Pipeline): Promise<Line>;
export async function openPipeline(pipeline: Pipeline | LanesPipeline): Promise<Line | LanesLine> {
  if (!hasQueues(pipeline)) return openLine(pipeline);
  const { openLanes } = await import('./open.ts');
  return openLanes(pipeline);
}

/** Whether a declaration asks for lanes. */
export function hasQueues(pipeline: Pipeline | LanesPipeline): pipeline is LanesPipeline {
  return 'queues' in pipeline && (pipeline.queues as unknown) !== undefined;
}
