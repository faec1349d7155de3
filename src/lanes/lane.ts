import { setTimeout as pause } from 'node:timers/promises';
import { TaplineError } from '../errors.ts';
import { SILENCE_MS } from '../engine/lent/lent.ts';
import type { Offload } from '../device/offloads.ts';
import type { EngineWish } from '../pipeline/engine.ts';
import type { Routes } from '../pipeline/declaration.ts';
import type { HandedPort } from '../pipeline/handedPort.ts';
import type { Summary } from '../pipeline/summary.ts';
import { Estate } from './estate.ts';
import type { ItemOrder } from './items.ts';
import { LaneWorker, NoAnswer, type Remark, type WorkerEnd } from './laneWorker.ts';
import type { Answer, LaneVerb, LaneVerbs } from './messages.ts';
import { Pulse, pulseOf } from './pulse.ts';
import type { LaneSummary } from './summary.ts';
import { sumOf } from './sum.ts';

/** What all lanes of a line are made of. */
export interface LanePlan {
  /** The ports as a new worker finds them, with their queues of this number. */
  portsOf(lane: number): readonly HandedPort[];
  readonly routes: Routes | undefined;
  readonly wish: EngineWish;
  readonly watchdogMs: number;
}

/** What a line hears of its lanes. */
export interface LaneEvents {
  log(text: string): void;
  /** A filter failed soon behind its exchange, and the one before is back, in this lane. */
  back(lane: Lane, name: string): void;
  offloads(port: number, offloads: readonly Offload[]): void;
  steppedDown(lane: Lane, port: number, gsoType: number): void;
  /** The worker at work has died; what it had is counted. */
  died(lane: Lane, why: string, lost: number): void;
  /** The line in the worker has ended because a port was lost. */
  ended(error: Error): void;
}

/** A worker at work, and what is kept for it. */
interface Life {
  readonly worker: LaneWorker;
  readonly estate: Estate;
  readonly pulse: Pulse;
  /** What filters in TypeScript had counted when they were asked last. */
  last: ReadonlyMap<string, Readonly<Record<string, number>>>;
  isReady: boolean;
  isLeaving: boolean;
}

/** How long a lane that is closed may take beyond what the watchdog allows. */
const CLOSE_MS = 2000;

/** One lane: a queue of each port, and the worker that serves it, one after the other if need be. */
export class Lane {
  readonly number: number;
  /** Workers that took the place of one that died. */
  restarts = 0;
  readonly #plan: LanePlan;
  readonly #events: LaneEvents;
  #life: Life | undefined;
  /** What workers have done that are no more. */
  #past = sumOf([]);
  /** Of the worker that was told to close. */
  #lastLoad = 0;
  #isClosed = false;
  /** Settles when what the next worker needs is made. */
  #making: Promise<unknown> = Promise.resolve();

  constructor(number: number, plan: LanePlan, events: LaneEvents) {
    this.number = number;
    this.#plan = plan;
    this.#events = events;
  }

  /**
   * Gives the lane a worker, and waits for it. Rejects, and leaves nothing, when its line cannot be made.
   *
   * @returns names of its filters, in order
   */
  async open(filters: readonly ItemOrder[]): Promise<readonly string[]> {
    const ports = this.#plan.portsOf(this.number);
    const making = Estate.open(ports, this.#plan.wish);
    this.#making = making.catch(() => undefined);
    const estate = await making;
    if (this.#isClosed) {
      estate.bury();
      throw new TaplineError('LINE_CLOSED', 'Cannot open a lane: the line was closed');
    }
    this.engine = { name: estate.lent.engine.engine, reason: estate.reason };
    const life = this.#begin(ports, filters, estate);
    const buried = life.worker.over.then((end) => {
      this.#bury(life, end);
    });
    try {
      await life.worker.ready;
      life.isReady = true;
      return estate.names;
    } catch (error) {
      await buried;
      throw error;
    }
  }

  /** Whether a worker is at work. */
  get isOpen(): boolean {
    return this.#life?.isReady === true;
  }

  /** The engine of the last worker, and why it is not a better one. */
  engine: { readonly name: string; readonly reason: string | undefined } | undefined;

  /** Asks the worker. Rejects with what it throws, or with `NoAnswer` when it has none. */
  ask<Verb extends LaneVerb>(verb: Verb, ...parameters: Parameters<LaneVerbs[Verb]>): Promise<Answer<Verb>> {
    if (this.#life === undefined) return Promise.reject(new NoAnswer());
    return this.#life.worker.ask(verb, ...parameters);
  }

  /** Whether its worker keeps the process alive. */
  set isNeeded(isNeeded: boolean) {
    if (this.#life !== undefined) this.#life.worker.isNeeded = isNeeded;
  }

  /** What the lane has done. A worker that does not answer in time: what is known without it. */
  async summary(): Promise<Summary> {
    const life = this.#life;
    if (life === undefined) return this.#past;
    const { signal, abort } = limit(this.#plan.watchdogMs);
    const answer = await Promise.race([life.worker.ask('summary').catch(() => undefined), signal]);
    abort();
    if (this.#life !== life) return this.summary();
    if (answer !== undefined) life.last = new Map(answer.filters.map(({ name, counters }) => [name, counters]));
    return sumOf([this.#past, answer ?? life.estate.account(life.last)]);
  }

  /** The same in short, beside what only this thread knows. */
  shortOf({ read, made, forwarded, dropped, lost, held }: Summary): LaneSummary {
    const load = this.#life?.worker.load ?? this.#lastLoad;
    return { lane: this.number, read, made, forwarded, dropped, lost, held, restarts: this.restarts, load };
  }

  /** The filter of this name is another one from now on: what the one before has counted is not its. */
  forget(name: string): void {
    this.#past = { ...this.#past, filters: this.#past.filters.filter((filter) => filter.name !== name) };
  }

  /** Ends a worker that shows no sign of life any more. */
  look(): void {
    const life = this.#life;
    if (life === undefined || life.isLeaving || !life.pulse.isMissed()) return;
    void this.#end(life, `it showed no sign of life for ${this.#plan.watchdogMs} ms: does a filter not return?`);
  }

  /** Nothing wakes the worker any more. For the end of the process. */
  silence(): void {
    this.#life?.estate.silence();
  }

  /** Lets the worker write out what was judged, and end; it is ended where it takes too long. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#making;
    const life = this.#life;
    if (life === undefined) return;
    life.worker.isNeeded = true;
    this.#lastLoad = life.worker.load;
    life.worker.ask('close').catch(() => undefined);
    const timer = setTimeout(() => {
      void this.#end(life, 'it did not close in time');
    }, CLOSE_MS + this.#plan.watchdogMs);
    await life.worker.over;
    clearTimeout(timer);
  }

  #begin(ports: readonly HandedPort[], filters: readonly ItemOrder[], estate: Estate): Life {
    const { routes, wish, watchdogMs } = this.#plan;
    const pulse = new Pulse();
    const order = { lane: this.number, ports, routes, ...wish, filters, lent: estate.lent };
    const signs = { pulse: pulse.cell, pulseMs: pulseOf(watchdogMs) };
    try {
      const worker = new LaneWorker({ ...order, ...signs }, (remark) => {
        this.#hear(remark, estate);
      });
      return (this.#life = { worker, estate, pulse, last: new Map(), isReady: false, isLeaving: false });
    } catch (error) {
      estate.bury();
      throw error;
    }
  }

  async #end(life: Life, why: string): Promise<void> {
    life.isLeaving = true;
    life.estate.silence();
    await pause(SILENCE_MS);
    life.worker.terminate(why);
  }

  #hear(remark: Remark, estate: Estate): void {
    if (remark.kind === 'rows') estate.setRows(remark.rows);
    else if (remark.kind === 'log') this.#events.log(`lane ${this.number}: ${remark.text}`);
    else if (remark.kind === 'back') this.#events.back(this, remark.name);
    else if (remark.kind === 'offloads') this.#events.offloads(remark.port, remark.offloads);
    else this.#events.steppedDown(this, remark.port, remark.gsoType);
  }

  #bury(life: Life, { summary, error, why }: WorkerEnd): void {
    life.estate.bury();
    const done = summary ?? life.estate.account(life.last);
    this.#past = sumOf([this.#past, done]);
    if (this.#life === life) this.#life = undefined;
    if (!life.isReady || (summary !== undefined && error === undefined)) return;
    if (error instanceof TaplineError && error.code === 'PORT_LOST') this.#events.ended(error);
    else this.#events.died(this, why, done.reasons['laneLost'] ?? 0);
  }
}

/** Resolves with nothing after so long, unless it is aborted. */
function limit(ms: number): { readonly signal: Promise<undefined>; readonly abort: () => void } {
  const controller = new AbortController();
  const signal = pause(ms, undefined, { signal: controller.signal }).catch(() => undefined);
  return {
    signal,
    abort: () => {
      controller.abort();
    },
  };
}
