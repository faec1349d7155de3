import { TaplineError } from '../errors.ts';
import type { ConfigSchema } from '../filter/declaration.ts';
import { type ChainItem, toItem } from '../filter/guarded.ts';
import { suggest } from '../suggest.ts';
import { type ItemOrder, orderOf } from './items.ts';
import type { Lane } from './lane.ts';
import { NoAnswer } from './laneWorker.ts';
import type { LanesFilters } from './lanesLine.ts';

/** A filter as all lanes have it, or will have it when they get a new worker. */
export interface Wanted {
  readonly order: ItemOrder;
  /** What it was configured with when it was made, where that is known. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly schema: ConfigSchema;
}

interface Standing extends Wanted {
  readonly name: string;
  /** The one that it replaced, as long as that may be called back. */
  readonly standby?: { readonly filter: Standing; readonly untilMs: number };
}

/** As in the chain of each lane. */
const PROBATION_MS = 5000;

/**
 * What a lane must know of a filter, and what must be known to take a change back.
 *
 * @throws {TypeError} when it cannot be sent to another thread
 */
export function wantedOf(item: ChainItem): Wanted {
  const { manifest, config = {} } = toItem(item).source;
  return { order: orderOf(item), given: config, schema: manifest.config ?? {} };
}

/**
 * The filters of all lanes. Changes stand in a row, and so does giving a lane a new worker: whoever has his turn finds every
 * lane with the same filters.
 */
export class SharedFilters implements LanesFilters {
  readonly #lanes: readonly Lane[];
  #standing: readonly Standing[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
  }

  /** Takes over what the lanes were opened with, and the names that they gave. */
  begin(wanted: readonly Wanted[], names: readonly string[]): void {
    this.#standing = wanted.map((filter, i) => ({ ...filter, name: names[i] ?? '' }));
  }

  /** Refuses changes from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /** What a new worker must be told. */
  get orders(): readonly ItemOrder[] {
    return this.#standing.map(({ order, name }) => ({ ...order, name }));
  }

  /** Does something when all changes before it are done. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  get names(): readonly string[] {
    return this.#standing.map(({ name }) => name);
  }

  add(filter: ChainItem, { before }: { readonly before?: string } = {}): Promise<string> {
    return this.#change(filter, async (wanted) => {
      const index = before === undefined ? this.#standing.length : this.#indexOf(before);
      const name = await this.#everywhere(
        (lane) => lane.ask('add', wanted.order, before),
        (lane, added) => lane.ask('remove', added),
      );
      this.#standing = this.#standing.toSpliced(index, 0, { ...wanted, name });
      return name;
    });
  }

  replace(name: string, filter: ChainItem): Promise<string> {
    return this.#change(filter, async (wanted) => {
      const index = this.#indexOf(name);
      const old = this.#standing[index];
      const now = await this.#everywhere(
        (lane) => lane.ask('replace', name, wanted.order),
        (lane, taken) => lane.ask('revert', taken),
      );
      const standby =
        old === undefined ? {} : { standby: { filter: recent(old), untilMs: performance.now() + PROBATION_MS } };
      this.#standing = this.#standing.with(index, { ...wanted, name: now, ...standby });
      for (const lane of this.#lanes) lane.forget(name);
      return now;
    });
  }

  remove(name: string): Promise<void> {
    return this.#inOpenTurn(async () => {
      const index = this.#indexOf(name);
      const next = this.#standing[index + 1]?.name;
      const order = this.orders[index];
      await this.#everywhere(
        (lane) => lane.ask('remove', name),
        (lane) => (order === undefined ? Promise.resolve() : lane.ask('add', order, next)),
      );
      this.#standing = this.#standing.toSpliced(index, 1);
      for (const lane of this.#lanes) lane.forget(name);
    });
  }

  configure(name: string, config: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#inOpenTurn(async () => {
      const index = this.#indexOf(name);
      const filter = this.#standing[index];
      if (filter === undefined) return;
      await this.#everywhere(
        (lane) => lane.ask('configure', name, config),
        (lane) => lane.ask('configure', name, valuesBefore(filter, config)),
      );
      const changes = { ...filter.order.changes, ...config };
      this.#standing = this.#standing.with(index, { ...filter, order: { ...filter.order, changes } });
    });
  }

  state(name: string): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]> {
    return this.#inOpenTurn(async () => {
      this.#indexOf(name);
      const answers = this.#lanes.map((lane) =>
        lane.ask('state', name).catch((error: unknown) => {
          if (error instanceof NoAnswer) return undefined;
          throw error;
        }),
      );
      return Promise.all(answers);
    });
  }

  /**
   * A filter failed in one lane soon behind its exchange, and made room there for the one before: so it does in all, however
   * long the turn was in coming.
   */
  goBack(from: Lane, name: string): Promise<readonly string[]> {
    return this.inTurn(() => this.#goBack((filter) => filter.name === name, from));
  }

  /**
   * A worker has died: what was exchanged within the last seconds is to blame. To be called in turn.
   *
   * @returns names of filters that are back
   */
  goBackAfterDeath(): Promise<readonly string[]> {
    return this.#goBack(() => true, undefined);
  }

  async #goBack(isMeant: (filter: Standing) => boolean, from: Lane | undefined): Promise<readonly string[]> {
    const back: string[] = [];
    for (const [index, filter] of this.#standing.entries()) {
      const { standby } = filter;
      if (standby === undefined || !isMeant(filter)) continue;
      if (from === undefined && performance.now() > standby.untilMs) continue;
      back.push(standby.filter.name);
      this.#standing = this.#standing.with(index, standby.filter);
      const { order, name } = standby.filter;
      const others = this.#lanes.filter((lane) => lane !== from && lane.isOpen);
      await Promise.all(
        others.map((lane) =>
          lane
            .ask('revert', filter.name)
            .catch(() => lane.ask('replace', filter.name, { ...order, name }))
            .catch(() => undefined),
        ),
      );
    }
    return back;
  }

  /** What cannot be sent is refused before its turn comes. */
  async #change<Result>(filter: ChainItem, act: (wanted: Wanted) => Promise<Result>): Promise<Result> {
    const wanted = wantedOf(filter);
    return this.#inOpenTurn(() => act(wanted));
  }

  #inOpenTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.inTurn(async () => {
      if (this.#isClosed) throw new TaplineError('LINE_CLOSED', 'Cannot change the filters: the line was closed');
      return act();
    });
  }

  /**
   * Makes a change in every lane that has a worker. One that dies meanwhile has not refused it: the worker that takes its
   * place begins with it.
   */
  async #everywhere<Result>(
    act: (lane: Lane) => Promise<Result>,
    undo: (lane: Lane, result: Result) => Promise<unknown>,
  ): Promise<Result> {
    const lanes = this.#lanes.filter(({ isOpen }) => isOpen);
    const outcomes = await Promise.allSettled(lanes.map(act));
    const undoings = outcomes.flatMap((outcome, i) => {
      const lane = lanes[i];
      return outcome.status === 'fulfilled' && lane !== undefined ? [() => undo(lane, outcome.value)] : [];
    });
    const refusal = outcomes.find((outcome) => outcome.status === 'rejected' && !(outcome.reason instanceof NoAnswer));
    if (refusal?.status === 'rejected') {
      await Promise.allSettled(undoings.map((one) => one()));
      throw refusal.reason;
    }
    const taken = outcomes.find((outcome) => outcome.status === 'fulfilled');
    if (taken === undefined)
      throw new TaplineError('LANE_LOST', 'Cannot change the filters: no lane is left to take it');
    return taken.value;
  }

  #indexOf(name: string): number {
    const index = this.#standing.findIndex((filter) => filter.name === name);
    if (index < 0) throw new RangeError(`There is no filter '${name}'${suggest(name, this.names)}`);
    return index;
  }
}

/** A filter without what it had replaced, where that is not called back any more: it would keep all that were before. */
function recent(filter: Standing): Standing {
  const { standby, name, order, given, schema } = filter;
  return standby !== undefined && performance.now() <= standby.untilMs ? filter : { name, order, given, schema };
}

/** The fields that a change concerns, as they are without it. */
function valuesBefore(
  { order, given, schema }: Wanted,
  change: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const current: Readonly<Record<string, unknown>> = { ...given, ...order.changes };
  return Object.fromEntries(Object.keys(change).map((field) => [field, current[field] ?? schema[field]?.default]));
}
