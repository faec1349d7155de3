import { setImmediate as nextRound } from 'node:timers/promises';
import type { FilterDeclaration } from '../filter/declaration.ts';
import { type FilterFactory, type FilterLike, toFilterSource } from '../filter/define.ts';
import type { FilterSource } from '../filter/stage.ts';
import { typescriptFilter } from '../filter/typescriptFilter.ts';
import type { Line } from '../pipeline/line.ts';
import { openPipeline } from '../pipeline/open.ts';
import { type Queue, type QueueOptions, queue } from '../pipeline/queue.ts';
import type { FilterSummary, Summary } from '../pipeline/summary.ts';

export type VerdictName = 'continue' | 'accept' | 'drop' | 'reflect' | 'redirect';

/** What became of one frame. Only what applies is there, so that it can be compared as a whole. */
export interface TriedPacket {
  /** What the filter said; `'drop'` also where the line itself dropped the packet. */
  readonly verdict: VerdictName;
  /** Why it was dropped: a reason of the filter, or one of the line (`unspecified`, `badPort`, `noHeadroom`, …). */
  readonly reason?: string;
  /** Port by which it left. */
  readonly port?: string;
  /** The frame as it left. */
  readonly bytes?: Uint8Array;
  /** All frames, `bytes` the first of them, where a super-packet left in segments. */
  readonly segments?: readonly Uint8Array[];
  /** Copies that the filter sent elsewhere. */
  readonly mirrored?: readonly MirroredCopy[];
  /** The filter read or set a field that the packet does not have. */
  readonly short?: true;
  /** What the filter threw. */
  readonly error?: unknown;
}

export interface MirroredCopy {
  readonly port: string;
  readonly bytes: Uint8Array;
}

/** The configuration that a filter takes. */
export type ConfigOf<Filter> = Filter extends (config?: infer Config) => unknown
  ? NonNullable<Config>
  : Readonly<Record<string, unknown>>;

/** How a filter is tried; what the ports carry is as for `queue()`. */
export interface TrialOptions<Config = Readonly<Record<string, unknown>>> extends QueueOptions {
  /** Configuration of the filter. Default: its own defaults. */
  readonly config?: Config;
  /** Ports beside `in` and `out`, for filters that redirect or mirror. Nothing is routed to them. */
  readonly ports?: readonly string[];
}

/** How a frame is sent. */
export interface SendOptions {
  /** Port by which it comes in. Default `in`. */
  readonly from?: string;
  /** Time that the filter sees from now on, in nanoseconds since the line started. Default: the clock's. */
  readonly now?: number;
}

/** A filter at work in a line of its own, from `in` to `out` and back. */
export interface Trial extends AsyncDisposable {
  /** Sends one frame through the line and waits until its fate is settled. */
  send(frame: Uint8Array, options?: SendOptions): Promise<TriedPacket>;
  /** Changes the configuration; fields left out keep their values. */
  configure(config: Readonly<Record<string, unknown>>): void;
  /** What the filter has said and counted so far. */
  summary(): FilterSummary;
  /** What a compiled filter keeps, by the names of filter.json; lists and tables are views. */
  state(): Readonly<Record<string, unknown>> | undefined;
  close(): Promise<void>;
}

/**
 * Runs frames through a filter, one after the other, and says what became of each. The line is a real one, between
 * queues instead of devices.
 *
 * @param filter whatever may stand in the `filters` of a pipeline
 * @param frames `udpFrame({ … })` and its like, or bytes of your own; with `virtioHeader` each begins with 12 bytes of it
 * @throws {TypeError} when filter or configuration is wrong
 */
export async function tryFilter<Filter extends FilterLike | FilterFactory>(
  filter: Filter,
  frames: Iterable<Uint8Array>,
  options: TrialOptions<ConfigOf<Filter>> = {},
): Promise<TriedPacket[]> {
  await using trial = await openTrial(filter, options);
  const tried: TriedPacket[] = [];
  for (const frame of frames) tried.push(await trial.send(frame));
  return tried;
}

/** As `tryFilter`, frame by frame: for filters whose configuration changes, whose counters matter, or that answer. */
export async function openTrial<Filter extends FilterLike | FilterFactory>(
  filter: Filter,
  options: TrialOptions<ConfigOf<Filter>> = {},
): Promise<Trial> {
  const { config, ports: others = [], ...queueOptions } = options;
  const queues = new Map(['in', 'out', ...others].map((name) => [name, queue(queueOptions)]));
  const errors: unknown[] = [];
  const clock: Clock = { now: undefined };
  const source = withClock(withErrors(withConfig(filter, config), errors), clock);
  const line = await openPipeline({
    ports: Object.fromEntries(queues),
    routes: { in: 'out', out: 'in' },
    filters: [source],
    log: () => undefined,
  });
  return new LineTrial(line, queues, errors, clock);
}

class LineTrial implements Trial {
  readonly #line: Line;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #errors: unknown[];
  readonly #clock: Clock;
  readonly #running: Promise<Summary>;
  #sent = 0;
  #isOver = false;

  constructor(line: Line, queues: ReadonlyMap<string, Queue>, errors: unknown[], clock: Clock) {
    this.#clock = clock;
    this.#line = line;
    this.#queues = queues;
    this.#errors = errors;
    this.#running = line.run().finally(() => {
      this.#isOver = true;
    });
    this.#running.catch(() => undefined);
  }

  async send(frame: Uint8Array, { from = 'in', now }: SendOptions = {}): Promise<TriedPacket> {
    const port = this.#queues.get(from);
    if (port === undefined) throw new RangeError(`There is no port '${from}' in the trial: add it to its ports`);
    if (now !== undefined) this.#clock.now = now;
    const before = this.#line.summary();
    this.#errors.length = 0;
    await port.send(frame);
    this.#sent++;
    const out = await this.#settle();
    return fateOf(before, this.#line.summary(), out, this.#errors);
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    this.#line.filters.configure(this.summary().name, config);
  }

  summary(): FilterSummary {
    return filterOf(this.#line.summary());
  }

  state(): Readonly<Record<string, unknown>> | undefined {
    return this.#line.filters.state(this.summary().name);
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Takes out what leaves, until nothing is left in the line. */
  async #settle(): Promise<MirroredCopy[]> {
    const out: MirroredCopy[] = [];
    for (;;) {
      for (const [port, target] of this.#queues) {
        for (let batch = target.tryReceive(); batch !== null; batch = target.tryReceive()) {
          for (const frame of batch) out.push({ port, bytes: frame.slice() });
        }
      }
      const { read, held, mirrored, mirrorsLost } = this.#line.summary();
      // A mirrored super-packet may leave as several segments.
      const isMirrored = mirrored + mirrorsLost >= this.summary().mirrored;
      if (read === this.#sent && held === 0 && isMirrored) return out;
      if (this.#isOver) await this.#ended();
      await nextRound();
    }
  }

  async #ended(): Promise<never> {
    await this.#running;
    throw new Error('The line of the trial was closed');
  }
}

/** What changed between two summaries with one packet between them. */
function fateOf(
  before: Summary,
  after: Summary,
  out: readonly MirroredCopy[],
  errors: readonly unknown[],
): TriedPacket {
  const isDropped = after.dropped > before.dropped;
  const reason = Object.keys(after.reasons).find((name) => after.reasons[name] !== before.reasons[name]);
  const isCopy = out.map(({ port }, i) => {
    const copies = (after.ports[port]?.mirrored ?? 0) - (before.ports[port]?.mirrored ?? 0);
    // Copies leave a port before the packet does.
    return out.slice(0, i).filter((one) => one.port === port).length < copies;
  });
  const mirrored = out.filter((_, i) => isCopy[i]);
  const left = out.filter((_, i) => isCopy[i] !== true);
  const isShort = filterOf(after).short > filterOf(before).short;
  return {
    verdict: isDropped ? 'drop' : verdictOf(filterOf(before), filterOf(after)),
    ...(isDropped && reason !== undefined ? { reason } : {}),
    ...left[0],
    ...(left.length > 1 ? { segments: left.map(({ bytes }) => bytes) } : {}),
    ...(mirrored.length > 0 ? { mirrored } : {}),
    ...(isShort ? { short: true as const } : {}),
    ...(errors.length > 0 ? { error: errors[0] } : {}),
  };
}

function verdictOf(before: FilterSummary, after: FilterSummary): VerdictName {
  if (after.accepted > before.accepted) return 'accept';
  if (after.reflected > before.reflected) return 'reflect';
  return after.redirected > before.redirected ? 'redirect' : 'continue';
}

function filterOf({ filters: [filter] }: Summary): FilterSummary {
  if (filter === undefined) throw new Error('The line of the trial has lost its filter');
  return filter;
}

function withConfig(filter: FilterLike | FilterFactory, config: unknown): FilterSource {
  if (config === undefined) return toFilterSource(filter);
  if (typeof filter === 'function') return toFilterSource(filter(config));
  if ('filter' in filter) return typescriptFilter(filter as FilterDeclaration, { ...config });
  return {
    ...filter,
    open(host, handover) {
      const stage = filter.open(host, handover);
      stage.configure({ ...config });
      return stage;
    },
  };
}

/** The line says once a second that a filter failed; a test wants to know each time. */
function withErrors(source: FilterSource, errors: unknown[]): FilterSource {
  return {
    ...source,
    open: (host, handover) =>
      source.open(
        {
          ...host,
          reportFailure(error) {
            errors.push(error);
          },
        },
        handover,
      ),
  };
}

/** The time that a test sets, once it has set one. */
interface Clock {
  now: number | undefined;
}

function withClock(source: FilterSource, clock: Clock): FilterSource {
  return {
    ...source,
    open(host, handover) {
      const stage = source.open(host, handover);
      const judge = stage.judge.bind(stage);
      stage.judge = (count, now) => {
        judge(count, clock.now ?? now);
      };
      return stage;
    },
  };
}
