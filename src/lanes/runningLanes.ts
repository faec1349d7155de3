import { inspect } from 'node:util';
import { TaplineError } from '../errors.ts';
import type { Offload } from '../device/offloads.ts';
import type { LinePort } from '../pipeline/line.ts';
import type { PortWatch } from '../pipeline/portWatch.ts';
import { checkRun, runOnce } from '../pipeline/runOnce.ts';
import type { Summary } from '../pipeline/summary.ts';
import { PortTally } from '../pipeline/tally.ts';
import { Lane, type LaneEvents, type LanePlan } from './lane.ts';
import type { LanePort } from './lanePorts.ts';
import { NoAnswer } from './laneWorker.ts';
import type { LanesLine } from './lanesLine.ts';
import { pulseOf } from './pulse.ts';
import { SharedFilters, type Wanted } from './sharedFilters.ts';
import { silenceAtExit } from './silenceAtExit.ts';
import type { LanesSummary } from './summary.ts';
import { sumOf } from './sum.ts';

/** What a line over lanes is made of. */
export interface LanesParts {
  readonly ports: readonly LanePort[];
  readonly queues: number;
  readonly plan: LanePlan;
  readonly watch: PortWatch;
  readonly log: (message: string) => void;
}

/** A lane may die so often within so long. */
const DEATHS = { limit: 5, withinMs: 10_000 };

/** Life of a line with lanes: opened, run once, closed; and of its lanes, which are replaced when they die. */
export class RunningLanes implements LanesLine, LaneEvents {
  readonly queues: number;
  readonly ports: ReadonlyMap<string, LinePort>;
  readonly filters: SharedFilters;
  readonly log: (message: string) => void;
  readonly #lanePorts: readonly LanePort[];
  readonly #lanes: readonly Lane[];
  readonly #watch: PortWatch;
  readonly #deaths: number[][];
  readonly #pulse: NodeJS.Timeout;
  readonly #forgetExit: () => void;
  #state: 'open' | 'running' | 'closed' = 'open';
  /** Settles with `run`. */
  readonly #ended: Promise<void>;
  #settle: (error: Error | undefined) => void = () => undefined;

  constructor({ ports, queues, plan, watch, log }: LanesParts) {
    this.queues = queues;
    this.log = log;
    this.ports = new Map(ports.map(({ shown }) => [shown.name, shown]));
    this.#lanePorts = ports;
    this.#lanes = Array.from({ length: queues }, (_, number) => new Lane(number, plan, this));
    this.#deaths = this.#lanes.map(() => []);
    this.filters = new SharedFilters(this.#lanes);
    this.#watch = watch;
    this.#pulse = setInterval(() => {
      for (const lane of this.#lanes) lane.look();
    }, pulseOf(plan.watchdogMs)).unref();
    this.#forgetExit = silenceAtExit(this.#lanes);
    for (const { open } of ports) this.#listen(open.name, open.claim);
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    // Who runs the line hears of the error; who only closes it need not.
    this.#ended.catch(() => undefined);
  }

  /** Gives every lane its first worker, and takes the interfaces up. Rejects, and closes everything, where one cannot begin. */
  async open(wanted: readonly Wanted[]): Promise<void> {
    try {
      const orders = wanted.map(({ order }) => order);
      // In turn: a lane that dies meanwhile gets its next worker when it is known which filters all have.
      await this.filters.inTurn(async () => {
        const [names = []] = await Promise.all(this.#lanes.map((lane) => lane.open(orders)));
        this.filters.begin(wanted, names);
      });
      for (const port of this.#lanePorts) port.start();
      for (const lane of this.#lanes) lane.isNeeded = false;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get engine(): string {
    return [...new Set(this.#lanes.flatMap(({ engine }) => engine?.name ?? []))].join(', ');
  }

  get engineReason(): string | undefined {
    return this.#lanes.find(({ engine }) => engine?.reason !== undefined)?.engine?.reason;
  }

  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<LanesSummary> {
    checkRun(this.#state, signal);
    this.#state = 'running';
    const start = (): void => {
      this.#start();
    };
    const stop = (): void => {
      this.#end(undefined);
    };
    await runOnce({ start, stop, ended: this.#ended }, signal);
    return await this.summary();
  }

  async summary(): Promise<LanesSummary> {
    const sums = await Promise.all(this.#lanes.map((lane) => lane.summary()));
    if (this.#state !== 'closed') this.#watch.look();
    const { ports, filters, ...rest } = sumOf([this.#nothing(), ...sums]);
    const dropped = this.#lanePorts.map(({ open }) => [open.name, this.#watch.dropped(open.number)] as const);
    const byName = new Map(filters.map((filter) => [filter.name, filter]));
    return {
      ...rest,
      kernelDropped: dropped.reduce((total, [, count]) => total + count, 0),
      ports: Object.fromEntries(
        dropped.flatMap(([name, kernelDropped]) => {
          const port = ports[name];
          return port === undefined ? [] : [[name, { ...port, kernelDropped }]];
        }),
      ),
      filters: this.filters.names.flatMap((name) => byName.get(name) ?? []),
      lanes: this.#lanes.flatMap((lane, i) => {
        const summary = sums[i];
        return summary === undefined ? [] : [lane.shortOf(summary)];
      }),
    };
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#ended.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ── What lanes tell ────────────────────────────────────────────────────────────────────────────────────────────────

  back(lane: Lane, name: string): void {
    void this.filters.goBack(lane, name);
  }

  offloads(port: number, offloads: readonly Offload[]): void {
    try {
      this.#lanePorts[port]?.setOffloads(offloads);
    } catch (error) {
      // A device that was deleted ends the line in its own way.
      if (!(error instanceof TaplineError)) throw error;
    }
  }

  steppedDown(from: Lane, port: number, gsoType: number): void {
    for (const lane of this.#lanes) if (lane !== from) lane.ask('stepDown', port, gsoType).catch(() => undefined);
  }

  ended(error: Error): void {
    this.#end(error);
  }

  died(lane: Lane, why: string, lost: number): void {
    if (this.#state === 'closed') {
      this.log(`lane ${lane.number}: its worker died (${why}): ${lost} packets were lost`);
      return;
    }
    const recent = (this.#deaths[lane.number] ??= []);
    recent.push(performance.now());
    while ((recent[0] ?? 0) < performance.now() - DEATHS.withinMs) recent.shift();
    const isHopeless = recent.length >= DEATHS.limit;
    const next = isHopeless ? '' : ', and another one takes its place';
    this.log(`lane ${lane.number}: its worker died (${why}): ${lost} packets were lost${next}`);
    if (!isHopeless) this.#replace(lane);
    else
      this.#end(
        new TaplineError('LANE_LOST', `Lane ${lane.number} died ${DEATHS.limit} times within ten seconds: ${why}`),
      );
  }

  // ── Life ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #start(): void {
    this.#watch.start();
    for (const lane of this.#lanes) {
      lane.isNeeded = true;
      // One that dies before it answers is replaced, and its successor runs.
      lane.ask('run').catch(() => undefined);
    }
  }

  #replace(lane: Lane): void {
    void this.filters.inTurn(async () => {
      if (this.#hasClosed()) return;
      try {
        const back = await this.filters.goBackAfterDeath();
        if (back.length > 0) this.log(`what was put in place of ${back.join(', ')} shortly before is taken back`);
        await lane.open(this.filters.orders);
        lane.restarts++;
        await this.#setGoing(lane);
      } catch (error) {
        // A worker that was ready, and died since, has told so itself.
        if (!this.#hasClosed() && !lane.isOpen && !(error instanceof NoAnswer)) this.died(lane, textOf(error), 0);
      }
    });
  }

  async #setGoing(lane: Lane): Promise<void> {
    if (this.#state === 'running') await lane.ask('run');
    else lane.isNeeded = false;
  }

  /** Asked behind an await, where the compiler would think that nothing has changed. */
  #hasClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whoever closes a device of the line ends the line, which then closes it. */
  #listen(name: string, claim: { close: () => void } | undefined): void {
    if (claim === undefined) return;
    claim.close = () => {
      this.#end(new TaplineError('PORT_LOST', `Port ${name} was lost: its device was closed`, { path: name }));
    };
  }

  #end(error: Error | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.filters.close();
    void this.#release().then((failure) => {
      this.#settle(error ?? failure);
    });
  }

  /** Lanes end first, then what they have used. Returns the first failure. */
  async #release(): Promise<Error | undefined> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    // A lane that was just being given a worker finds out that it is closed.
    await this.filters.inTurn(() => Promise.resolve());
    clearInterval(this.#pulse);
    this.#forgetExit();
    let first: Error | undefined;
    const steps = [
      () => {
        this.#watch.stop();
      },
      ...this.#lanePorts.map((port) => () => {
        port.close();
      }),
    ];
    for (const step of steps) {
      try {
        step();
      } catch (error) {
        first ??= error instanceof Error ? error : new Error(inspect(error));
      }
    }
    return first;
  }

  /** The ports of a line that has done nothing, in their order. */
  #nothing(): Summary {
    const port = { ...new PortTally().counts(), kernelDropped: 0, refusedOffloads: [] };
    const ports = Object.fromEntries(this.#lanePorts.map(({ open }) => [open.name, port]));
    return { ...sumOf([]), ports };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
