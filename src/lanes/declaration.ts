import type { DevicePort, Pipeline } from '../pipeline/declaration.ts';

/** A line over several queues, each with a worker thread of its own: a lane. Making one opens nothing. */
export interface LanesPipeline extends Omit<Pipeline, 'ports' | 'record'> {
  /** `tap(…)` and `tun(…)` only: each is opened with as many queues as there are lanes. */
  readonly ports: Readonly<Record<string, DevicePort>> | readonly DevicePort[];
  /** Lanes, 1 to 64. With one, the thread that opens the line stays free, and a filter that never returns can be ended. */
  readonly queues: number;
  /**
   * Milliseconds, 100 to 600,000, in which a lane must show that it is alive. One that does not is ended and replaced: a
   * filter never returned. It must be longer than the slowest batch. Default 1,000.
   */
  readonly watchdogMs?: number;
}
