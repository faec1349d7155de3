import * as L from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import { type ConfigValue, readConfig } from '../filter/config.ts';
import type { Stage, StageHost } from '../filter/stage.ts';
import { Breaker } from './breaker.ts';
import { layOutConfig, writeConfig } from './configBytes.ts';
import { readCounters } from './counters.ts';
import { type FilterModule } from './filterModule.ts';
import { Runner, type RunnerOptions } from './runner.ts';
import { type StateView, viewState } from './stateView.ts';
import { TraceRing } from './traceRing.ts';
import { describeTrap } from './trap.ts';

const SECOND_MS = 1000;
const DROP_FOR_FAILURE = L.REASON_BUILT_IN | L.REASON_FILTER_ERROR;

/** A compiled filter at work in a line. */
export class WasmStage implements Stage {
  readonly #module: FilterModule;
  readonly #host: StageHost;
  readonly #options: RunnerOptions;
  readonly #breaker: Breaker;
  readonly #tickNs: number;
  #input: Readonly<Record<string, unknown>>;
  #values: Readonly<Record<string, ConfigValue>>;
  #runner: Runner;
  #trace: TraceRing | undefined;
  #lastTick = 0;
  /** Positions of the batch at hand for which the filter trapped. */
  readonly #trapped = new Uint16Array(L.BATCH_COUNT);
  #trappedCount = 0;
  /** Until then, by `performance.now()`, a trap is not looked at closely. */
  #quietUntil = 0;

  constructor(module: FilterModule, input: Readonly<Record<string, unknown>>, host: StageHost, options: RunnerOptions) {
    this.#module = module;
    this.#host = host;
    this.#options = options;
    this.#input = input;
    this.#breaker = new Breaker(module.manifest.breaker);
    this.#tickNs = module.manifest.tickMilliseconds * 1e6;
    this.#values = this.#read(input);
    this.#runner = this.#start(host.previous instanceof WasmStage ? host.previous : undefined);
    this.#trace = this.#openTrace();
  }

  judge(count: number, now: number): void {
    if (this.#breaker.isOpen && !this.#reload(now)) {
      this.#giveUp(0, count);
      return;
    }
    const { core } = this.#host.arena;
    const { checksums, headroom } = this.#module.manifest;
    if (checksums === 'complete') core.completeActive(count);
    this.#tick(now);
    const runner = this.#runner;
    this.#trappedCount = 0;
    runner.begin(count, now, headroom === 0 ? 0 : core.roomBefore(count, headroom));
    const judged = this.#judgeFrom(runner, 0, count, now);
    runner.place.takeBack(count);
    for (let i = 0; i < this.#trappedCount; i++) this.#abort(this.#trapped[i] ?? 0);
    if (judged < count) this.#giveUp(judged, count);
    this.#trace?.drain((message) => {
      this.#host.log(`filter ${this.#module.manifest.name}: ${message}`);
    });
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    const given = Object.entries(config).filter(([, value]) => value !== undefined);
    const input = { ...this.#input, ...Object.fromEntries(given) };
    this.#values = this.#read(input);
    this.#input = input;
    this.#writeConfig(this.#runner);
  }

  counters(): Record<string, number> {
    const { manifest, plan } = this.#module;
    const { view, block } = this.#runner.place;
    return readCounters(view, block + plan.counters, manifest.counters ?? []);
  }

  state(): StateView | undefined {
    const { manifest, plan } = this.#module;
    const { bytes, block } = this.#runner.place;
    return manifest.state === undefined ? undefined : viewState(bytes.buffer, block + plan.state, manifest.state);
  }

  close(): void {
    this.#runner.place.close();
  }

  // ── Traps ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Judges from a position on, whatever traps on the way. Returns how far it came: less where the breaker opened. */
  #judgeFrom(runner: Runner, first: number, count: number, now: number): number {
    let position = first;
    for (;;) {
      const isQuiet = this.#trappedCount > 0 || performance.now() < this.#quietUntil;
      const error = isQuiet ? judgeQuietly(runner) : judgeOnce(runner);
      if (error === undefined) return count;
      const at = runner.call.cursor(position, count);
      this.#trapped[this.#trappedCount++] = at;
      this.#report(error, at, isQuiet);
      position = at + 1;
      if (this.#breaker.trapped(now)) {
        this.#sayOpened();
        return position;
      }
      if (position >= count) {
        runner.resume(0, 0);
        return count;
      }
      runner.resume(position, count);
    }
  }

  #abort(position: number): void {
    this.#setVerdict(position, L.VERDICT_ABORT);
  }

  #setVerdict(position: number, verdict: number, reason = 0): void {
    const { view } = this.#host.arena;
    const index = view.getUint16(L.ACTIVE_OFFSET + position * L.INDEX_BYTES, true);
    const outcome = L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
    view.setUint8(outcome + L.OUTCOME_VERDICT, verdict);
    view.setUint16(outcome + L.OUTCOME_REASON, reason, true);
  }

  /** What packets get that the filter is not to see. */
  #giveUp(first: number, count: number): void {
    const { then } = this.#breaker;
    if (then === 'bypass') return;
    for (let position = first; position < count; position++) {
      if (then === 'closed') this.#setVerdict(position, L.VERDICT_DROP, DROP_FOR_FAILURE);
      else this.#abort(position);
    }
  }

  #report(error: unknown, position: number, isQuiet: boolean): void {
    if (isQuiet) {
      this.#host.reportFailure(UNSEEN);
      return;
    }
    this.#quietUntil = performance.now() + SECOND_MS;
    const where = describeTrap(error, this.#module, this.#runner.isOutOfFuel);
    this.#host.reportFailure(
      new TaplineError('FILTER_TRAP', `packet ${position} of its batch: ${where}`, { cause: error }),
    );
  }

  #sayOpened(): void {
    const { name, breaker } = this.#module.manifest;
    const what = {
      bypass: 'packets pass it by from now on',
      closed: 'all its packets are dropped from now on',
      reload: `it is loaded again in ${this.#breaker.pauseSeconds} s, and until then packets get what its onError says`,
    };
    this.#host.log(`filter ${name} trapped ${breaker.traps} times within a second: ${what[breaker.then]}`);
  }

  /** Tries a new instance, if it is time. Its state begins anew: it may be what the old one trapped over. */
  #reload(now: number): boolean {
    if (!this.#breaker.isReloadDue(now)) return false;
    const { name } = this.#module.manifest;
    try {
      const fresh = this.#start(undefined);
      const counters = this.counters();
      this.#runner.place.close();
      this.#runner = fresh;
      this.#trace = this.#openTrace();
      this.#writeCounters(counters);
      this.#breaker.reloaded(now);
      this.#host.log(`filter ${name} was loaded again`);
      return true;
    } catch (error) {
      this.#breaker.reloadFailed(now);
      this.#host.log(
        `filter ${name} cannot be loaded again: ${error instanceof Error ? error.message : String(error)}`,
      );
      return false;
    }
  }

  // ── Beginning ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #start(previous: WasmStage | undefined): Runner {
    const runner = new Runner(this.#module, this.#host, this.#options);
    try {
      this.#writeConfig(runner);
      const isKept = previous !== undefined && this.#takeState(runner, previous);
      runner.init(isKept);
      return runner;
    } catch (error) {
      runner.place.close();
      throw this.#startError(error, runner);
    }
  }

  #startError(error: unknown, runner: Runner): unknown {
    if (error instanceof TaplineError) return error;
    const where = describeTrap(error, this.#module, runner.isOutOfFuel);
    const message = `Cannot start filter ${this.#module.manifest.name}: tapline_init trapped: ${where}`;
    return new TaplineError('BAD_FILTER', message, { cause: error });
  }

  /** State goes over where both say that it means the same. */
  #takeState(runner: Runner, previous: WasmStage): boolean {
    const mine = this.#module.manifest.state;
    const theirs = previous.#module.manifest.state;
    const isSame = previous.#module.manifest.name === this.#module.manifest.name;
    if (mine === undefined || theirs === undefined || !isSame) return false;
    if (mine.version !== theirs.version || mine.bytes !== theirs.bytes) return false;
    const from = previous.#runner.place.block + previous.#module.plan.state;
    const to = runner.place.block + this.#module.plan.state;
    runner.place.bytes.set(previous.#runner.place.bytes.subarray(from, from + mine.bytes), to);
    return true;
  }

  #openTrace(): TraceRing | undefined {
    const { manifest, plan } = this.#module;
    const { view, block } = this.#runner.place;
    return manifest.messages === undefined ? undefined : new TraceRing(view, block + plan.trace, manifest.messages);
  }

  #tick(now: number): void {
    if (!this.#runner.hasTick || now - this.#lastTick < this.#tickNs) return;
    this.#lastTick = now;
    try {
      this.#runner.tick(now);
    } catch (error) {
      const where = describeTrap(error, this.#module, this.#runner.isOutOfFuel);
      this.#host.reportFailure(new TaplineError('FILTER_TRAP', `in tapline_tick: ${where}`, { cause: error }));
      this.#runner.resume(0, 0);
      if (this.#breaker.trapped(now)) this.#sayOpened();
    }
  }

  #read(input: Readonly<Record<string, unknown>>): Readonly<Record<string, ConfigValue>> {
    const { name, config = {} } = this.#module.manifest;
    return readConfig(name, config, input, (port) => this.#host.portNumber(port));
  }

  #writeConfig({ place: { view, block } }: Runner): void {
    const { manifest, plan } = this.#module;
    writeConfig(view, block + plan.config, layOutConfig(manifest.config ?? {}), this.#values);
  }

  #writeCounters(counters: Readonly<Record<string, number>>): void {
    const { view, block } = this.#runner.place;
    Object.values(counters).forEach((value, i) => {
      view.setBigUint64(block + this.#module.plan.counters + 8 * i, BigInt(value), true);
    });
  }
}

/** Said of traps that nobody looked at: a stack trace costs more than all the rest. */
const UNSEEN = new TaplineError('FILTER_TRAP', 'it trapped again');

function judgeOnce(runner: Runner): unknown {
  try {
    runner.judge();
    return undefined;
  } catch (error) {
    return error ?? UNSEEN;
  }
}

function judgeQuietly(runner: Runner): unknown {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return judgeOnce(runner);
  } finally {
    Error.stackTraceLimit = limit;
  }
}
