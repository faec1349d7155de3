import * as L from '../../assembly/layout.ts';
import { TaplineError } from '../errors.ts';
import { type ConfigValue, readConfig } from '../filter/config.ts';
import type { Handover, Stage, StageHost } from '../filter/stage.ts';
import { Breaker } from './breaker.ts';
import type { FilterModule } from './filterModule.ts';
import { OutsideNotice } from './outside.ts';
import { rehearse } from './rehearse.ts';
import { Runner, type RunnerOptions } from './runner.ts';
import type { StateView } from './stateView.ts';
import { describeTrap } from './trap.ts';
import { TrapReport, trapOf } from './trapReport.ts';
import { abort, close } from './verdicts.ts';

export interface StageOptions extends RunnerOptions {
  /** Path of a capture of the packets that it traps for. */
  readonly trapCapture: string | undefined;
}

/** A compiled filter at work in a line. */
export class WasmStage implements Stage {
  readonly #module: FilterModule;
  readonly #host: StageHost;
  readonly #options: StageOptions;
  readonly #breaker: Breaker;
  readonly #report: TrapReport;
  readonly #outside: OutsideNotice;
  readonly #tickNs: number;
  #input: Readonly<Record<string, unknown>>;
  #config: Readonly<Record<string, ConfigValue>>;
  #runner: Runner;
  #lastTick = 0;
  /** Positions of the batch at hand for which the filter trapped. */
  readonly #trapped = new Uint16Array(L.BATCH_COUNT);
  #trappedCount = 0;

  constructor(
    module: FilterModule,
    input: Readonly<Record<string, unknown>>,
    host: StageHost,
    options: StageOptions,
    handover?: Handover,
  ) {
    this.#module = module;
    this.#host = host;
    this.#options = options;
    this.#input = input;
    this.#breaker = new Breaker(module.manifest.breaker);
    this.#report = new TrapReport(module, host, options.trapCapture);
    this.#outside = new OutsideNotice(host, module.manifest.window, this.#log);
    this.#tickNs = module.manifest.tickMilliseconds * 1e6;
    this.#config = this.#read(input);
    if (handover !== undefined) this.#rehearse(handover.recentPackets);
    this.#runner = this.#start(handover?.previous instanceof WasmStage ? handover.previous.#runner : undefined);
  }

  judge(count: number, now: number): void {
    this.#outside.check();
    if (this.#breaker.isOpen && !this.#reload(now)) {
      this.#giveUp(0, count);
      return;
    }
    const { core } = this.#host.arena;
    const { checksums, headroom } = this.#module.manifest;
    if (checksums === 'complete') core.completeActive(count);
    this.#tick(now);
    if (this.#breaker.isOpen) {
      this.#giveUp(0, count);
      return;
    }
    const runner = this.#runner;
    this.#trappedCount = 0;
    runner.begin(count, now, headroom === 0 ? 0 : core.roomBefore(count, headroom));
    const judged = this.#judgeAll(runner, count, now);
    runner.end(count);
    for (let i = 0; i < this.#trappedCount; i++) abort(this.#host.arena.view, this.#trapped[i] ?? 0);
    if (judged < count) this.#giveUp(judged, count);
    runner.trace?.drain(this.#log);
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    const given = Object.entries(config).filter(([, value]) => value !== undefined);
    const input = { ...this.#input, ...Object.fromEntries(given) };
    this.#config = this.#read(input);
    this.#input = input;
    this.#runner.setConfig(this.#config);
  }

  counters(): Record<string, number> {
    return this.#runner.counters();
  }

  state(): StateView | undefined {
    return this.#runner.state();
  }

  /** Fuel that the last batch took, as docs/filter-abi.md counts it; 0 where the filter is not metered. */
  get fuelUsed(): number {
    return this.#runner.fuelUsed;
  }

  close(): void {
    this.#outside.check();
    this.#runner.close();
    this.#report.close();
  }

  // ── Traps ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Judges, whatever traps on the way. Returns how far it came: less than all where the breaker opened. */
  #judgeAll(runner: Runner, count: number, now: number): number {
    let first = 0;
    while (first < count) {
      const isQuiet = this.#report.isQuiet;
      const error = trapOf(runner.judge, isQuiet);
      if (error === undefined) return count;
      const position = runner.cursor(first, count);
      this.#trapped[this.#trappedCount++] = position;
      const { isOutOfFuel } = runner;
      this.#report.packet(error, position, isQuiet, isOutOfFuel);
      first = position + 1;
      if (!this.#resume(first, count, now) || this.#countTrap(now, isOutOfFuel)) return first;
    }
    return count;
  }

  /** Makes the filter ready to go on behind a trap. Where it cannot, the breaker opens. */
  #resume(position: number, count: number, now: number): boolean {
    try {
      this.#runner.resume(position, count);
      return true;
    } catch (error) {
      this.#breaker.failed(now);
      this.#log(`it cannot go on behind a trap: ${describeTrap(error, this.#module, this.#runner.isOutOfFuel)}`);
      return false;
    }
  }

  /** Returns whether the breaker opened. */
  #countTrap(now: number, isOutOfFuel: boolean): boolean {
    if (!this.#breaker.trapped(now, isOutOfFuel)) return false;
    const { breaker } = this.#module.manifest;
    const what = {
      bypass: 'packets pass it by from now on',
      closed: 'all its packets are dropped from now on',
      reload: `it is loaded again in ${this.#breaker.pauseSeconds} s, and until then packets get what its onError says`,
    };
    this.#log(`trapped too often within a second: ${what[breaker.then]}`);
    return true;
  }

  /** What packets get that the filter is not to see. */
  #giveUp(first: number, count: number): void {
    const { then } = this.#module.manifest.breaker;
    if (then === 'bypass') return;
    const write = then === 'closed' ? close : abort;
    for (let position = first; position < count; position++) write(this.#host.arena.view, position);
  }

  /** Tries a new instance, if it is time. Its state begins anew: it may be what the old one trapped over. */
  #reload(now: number): boolean {
    if (!this.#breaker.isReloadDue(now)) return false;
    try {
      const fresh = this.#start(undefined);
      fresh.takeCounters(this.#runner);
      this.#runner.close();
      this.#runner = fresh;
    } catch (error) {
      this.#breaker.failed(now);
      this.#log(`it cannot be loaded again: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    this.#breaker.reloaded(now);
    this.#log('it was loaded again');
    return true;
  }

  #tick(now: number): void {
    if (!this.#runner.hasTick || now - this.#lastTick < this.#tickNs) return;
    this.#lastTick = now;
    try {
      this.#runner.tick(now);
    } catch (error) {
      const { isOutOfFuel } = this.#runner;
      this.#report.tick(error, isOutOfFuel);
      if (this.#resume(0, 0, now)) this.#countTrap(now, isOutOfFuel);
    }
  }

  // ── Beginning ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #start(previous: Runner | undefined): Runner {
    const runner = new Runner(this.#module, this.#host, this.#options);
    try {
      runner.setConfig(this.#config);
      runner.init(previous !== undefined && runner.takeState(previous));
      return runner;
    } catch (error) {
      runner.close();
      throw this.#startError('BAD_FILTER', 'Cannot start', 'tapline_init trapped', error, runner);
    }
  }

  /** A filter that traps over what the line sees just now is not put into it. */
  #rehearse(recentPackets: number): void {
    const trap = rehearse(this.#module, this.#host, this.#config, recentPackets);
    if (trap === undefined) return;
    throw this.#startError(
      'FILTER_TRAP',
      'Cannot exchange',
      "it trapped over the line's last packets",
      trap.error,
      trap.runner,
    );
  }

  #startError(code: 'BAD_FILTER' | 'FILTER_TRAP', what: string, why: string, cause: unknown, runner: Runner): unknown {
    const where = describeTrap(cause, this.#module, runner.isOutOfFuel);
    return new TaplineError(code, `${what} filter ${this.#module.manifest.name}: ${why}: ${where}`, { cause });
  }

  #read(input: Readonly<Record<string, unknown>>): Readonly<Record<string, ConfigValue>> {
    const { name, config = {} } = this.#module.manifest;
    return readConfig(name, config, input, (port) => this.#host.portNumber(port));
  }

  readonly #log = (message: string): void => {
    this.#host.log(`filter ${this.#module.manifest.name}: ${message}`);
  };
}
