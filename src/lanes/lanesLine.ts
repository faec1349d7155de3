import type { ChainItem } from '../filter/guarded.ts';
import type { LinePort } from '../pipeline/line.ts';
import type { LanesSummary } from './summary.ts';

/** A line whose packets are moved by worker threads. `openPipeline` makes one where `queues` is given. */
export interface LanesLine {
  /** Lanes at work: `queues` of the declaration. */
  readonly queues: number;
  /** Name of the engine at work in every lane; names with commas between them where they differ. */
  readonly engine: string;
  /** Why it is not a better one, with a remedy; undefined where it is the best, or the one that was asked for. */
  readonly engineReason: string | undefined;
  /** The ports, by name. */
  readonly ports: ReadonlyMap<string, LinePort>;
  /** The filters of all lanes. */
  readonly filters: LanesFilters;

  /**
   * Moves packets until the signal aborts, `close()` is called, or a port is lost for good. Closes everything.
   *
   * @returns the summary
   * @throws {TaplineError} `PORT_LOST` when a device was deleted, `LINE_CLOSED` when the line was run or closed before,
   *   `LANE_LOST` when the worker of a lane died again and again
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<LanesSummary>;
  /** Counters of all lanes, each as it is between two batches; of a lane that does not answer, as they were last known. */
  summary(): Promise<LanesSummary>;
  /** There is nothing that waits to be written: lanes have no captures. */
  flush(): Promise<void>;
  /** Ends `run`, and closes lanes and ports. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Filters of all lanes, in the order in which they see packets. A change is made in each lane between two of its batches,
 * one change after the other. Where one lane refuses it, those that took it go back, and the error is thrown.
 */
export interface LanesFilters {
  /** Names, in order: the same in every lane. */
  readonly names: readonly string[];
  /** As in a line of one thread; what cannot be sent to another thread is a `TypeError`. Resolves with the name it got. */
  add(filter: ChainItem, options?: { readonly before?: string }): Promise<string>;
  /** As in a line of one thread. A filter that fails within 5 s in one lane makes room for the one before in all. */
  replace(name: string, filter: ChainItem): Promise<string>;
  /** Takes a filter out; its counts stay in the line's totals. */
  remove(name: string): Promise<void>;
  /**
   * What the filter keeps between batches: a copy for each lane, by number. Undefined where it shows nothing, and for a
   * lane that does not answer. Each lane has a state of its own, and nothing is added up: a table of flows is not a number.
   */
  state(name: string): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]>;
  /** Changes the configuration of a filter in every lane; fields left out keep their values. */
  configure(name: string, config: Readonly<Record<string, unknown>>): Promise<void>;
}
