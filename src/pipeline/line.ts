import type { ChainItem } from '../filter/guarded.ts';
import type { Device } from '../device/device.ts';
import type { Offload } from '../device/offloads.ts';
import type { Queue } from './queue.ts';
import type { Summary } from './summary.ts';

/** A running pipeline. `openPipeline` makes one. */
export interface Line {
  /** Name of the engine at work. */
  readonly engine: string;
  /** Why it is not a better one, with a remedy; undefined where it is the best, or the one that was asked for. */
  readonly engineReason: string | undefined;
  /** The ports, by name. */
  readonly ports: ReadonlyMap<string, LinePort>;
  /** The chain; changes take effect between two batches. */
  readonly filters: FilterChain;

  /**
   * Moves packets until the signal aborts, `close()` is called, a port is lost for good, or every input is a capture file
   * that was read to its end (or whose captures nobody reads any more). Inputs are the ports that have a route; where there are no routes, all that packets come from.
   * Closes everything; captures are whole then.
   *
   * @returns the summary
   * @throws {TaplineError} `PORT_LOST` when a device was deleted, `LINE_CLOSED` when the line was run or closed before,
   *   `BAD_CAPTURE` or `SYSCALL` when a capture file could not be read to its end: all that stands before was processed
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<Summary>;
  /** Counters as they are now. Asks the kernel for its own: some 100 µs. */
  summary(): Summary;
  /** Packets that have left the line, as of the last batch: for who waits for them, since nothing is asked. */
  readonly settled: number;
  /** Hands what was captured so far to the system, for those who read along. */
  flush(): Promise<void>;
  /** Ends `run`, and closes engine and ports. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A port of a running line. */
export interface LinePort {
  readonly name: string;
  /** Offloads that the line uses on it just now: fewer when the kernel has refused one. */
  readonly offloads: readonly Offload[];
  /** The device behind it, the queue, or the capture file. */
  readonly target: Device | Queue | CaptureFile;
}

/** A capture file behind a port. */
export interface CaptureFile {
  /** Whether it is read or written; `'discard'` is none. */
  readonly kind: 'file' | 'capture' | 'discard';
  readonly path: string;
  /** How much of a file that is read was read, 0 to 1; undefined for a pipe. */
  progress?(): number | undefined;
}

/** Filters of a line, in the order in which they see packets. */
export interface FilterChain {
  /** Names, in order. */
  readonly names: readonly string[];
  /** Puts a filter into the chain: at the end, or before the one named. Returns the name it got. */
  add(filter: ChainItem, options?: { readonly before?: string }): string;
  /**
   * Puts another filter in the place of the one named; if it cannot start, the old one stays, and if it fails within 5 s,
   * the old one comes back. State goes over between compiled filters of one name whose state has the same version.
   * Returns the name it got.
   */
  replace(name: string, filter: ChainItem): string;
  /** Takes a filter out; its counts stay in the line's totals. */
  remove(name: string): void;
  /** What a filter keeps between batches, by the names of its manifest; undefined where it shows nothing. */
  state(name: string): Readonly<Record<string, unknown>> | undefined;
  /** Changes the configuration of a filter; fields left out keep their values. */
  configure(name: string, config: Readonly<Record<string, unknown>>): void;
}
