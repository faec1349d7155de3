import { CALL_FLAG_STATE_KEPT } from '../../assembly/abi.ts';
import type { ConfigValue } from '../filter/config.ts';
import type { StageHost } from '../filter/stage.ts';
import { Call } from './call.ts';
import { layOutConfig, writeConfig } from './configBytes.ts';
import type { FilterModule } from './filterModule.ts';
import { InPlace } from './inPlace.ts';
import { type Instance, instantiate, runOnce } from './instance.ts';
import type { Place } from './place.ts';
import { Sandbox } from './sandbox.ts';
import { type StateView, viewState } from './stateView.ts';
import { TraceRing } from './traceRing.ts';

export interface RunnerOptions {
  readonly isTrusted: boolean;
  /** Where random numbers begin. */
  readonly seed: number;
}

/** An instance of a filter in its place, and what lies in its block. A filter that is loaded again gets a new one. */
export class Runner {
  readonly trace: TraceRing | undefined;
  readonly #module: FilterModule;
  readonly #place: Place;
  readonly #call: Call;
  #instance: Instance;
  #filled = 0;

  constructor(module: FilterModule, host: StageHost, { isTrusted, seed }: RunnerOptions) {
    const { plan, manifest } = module;
    this.#module = module;
    this.#place = isTrusted ? new InPlace(module, host) : new Sandbox(module, host);
    const { block, view } = this.#place;
    const addresses = {
      call: block + plan.call,
      config: block + plan.config,
      counters: block + plan.counters,
      state: block + plan.state,
      trace: plan.trace < 0 ? 0 : block + plan.trace,
    };
    this.#call = new Call(view, addresses, manifest, seed);
    const { messages } = manifest;
    this.trace = messages === undefined ? undefined : new TraceRing(view, addresses.trace, messages);
    try {
      this.#instance = instantiate(module, this.#place.memory);
    } catch (error) {
      this.#place.close();
      throw error;
    }
  }

  /** Lets the filter set itself up. Throws what it throws. */
  init(isStateKept: boolean): void {
    this.#call.setFlags(isStateKept ? CALL_FLAG_STATE_KEPT : 0);
    this.#call.begin(0, 0, 0);
    runOnce(this.#instance, this.#instance.init, this.#call.address);
    this.#call.setFlags(0);
  }

  get hasTick(): boolean {
    return this.#instance.tick !== undefined;
  }

  tick(now: number): void {
    this.#call.begin(0, now, 0);
    runOnce(this.#instance, this.#instance.tick, this.#call.address);
  }

  close(): void {
    this.#place.close();
  }

  // ── A batch ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Brings the active packets in. */
  begin(count: number, now: number, headroom: number): void {
    this.#place.bringIn(count);
    const { active, descriptors, outcomes } = this.#place.packets;
    this.#call.place(active, descriptors, outcomes);
    this.#call.begin(count, now, headroom);
    this.#refuel(count);
  }

  /** Judges on. A field, so that no function is made per batch. Throws what the filter throws. */
  readonly judge = (): void => {
    this.#instance.judge(this.#call.address);
  };

  /** The packet for which it trapped: at `first` or behind. */
  cursor(first: number, count: number): number {
    return this.#call.cursor(first, count);
  }

  /**
   * Behind a trap: makes it ready to go on with the packet at `position`. A module with a heap may have been stopped in
   * the middle of changing it: it begins anew, and only counters, configuration and state stay. Throws what it throws.
   */
  resume(position: number, count: number): void {
    if (this.#module.ownsMemory) this.#renew();
    else this.#instance.restore();
    this.#call.resume(position);
    this.#refuel(count - position);
  }

  /** Fuel that the batch took so far, since it was last filled up; 0 where the filter is not metered. */
  get fuelUsed(): number {
    return this.#module.isMetered ? this.#filled - (this.#instance.fuel.value as number) : 0;
  }

  /** Whether the last trap came for want of fuel. */
  get isOutOfFuel(): boolean {
    return this.#module.isMetered && (this.#instance.fuel.value as number) < 0;
  }

  /** Takes outcomes and edits back. */
  end(count: number): void {
    this.#place.takeBack(count);
  }

  #renew(): void {
    const { block, memory } = this.#place;
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0, 0, block);
    bytes.fill(0, block + this.#module.plan.bytes);
    this.#instance = instantiate(this.#module, memory);
    if (this.#instance.init === undefined) return;
    this.#call.interrupt(() => {
      runOnce(this.#instance, this.#instance.init, this.#call.address);
    });
  }

  #refuel(packets: number): void {
    this.#filled = packets * this.#module.manifest.fuelPerPacket;
    this.#instance.mark(this.#filled);
  }

  // ── What lies in its block ─────────────────────────────────────────────────────────────────────────────────────────

  setConfig(values: Readonly<Record<string, ConfigValue>>): void {
    const { view, block } = this.#place;
    const { manifest, plan } = this.#module;
    writeConfig(view, block + plan.config, layOutConfig(manifest.config ?? {}), values);
  }

  counters(): Record<string, number> {
    const { view, block } = this.#place;
    const address = block + this.#module.plan.counters;
    const names = this.#module.manifest.counters ?? [];
    return Object.fromEntries(names.map((name, i) => [name, Number(view.getBigUint64(address + 8 * i, true))]));
  }

  state(): StateView | undefined {
    const { bytes, block } = this.#place;
    const { manifest, plan } = this.#module;
    return manifest.state === undefined ? undefined : viewState(bytes.buffer, block + plan.state, manifest.state);
  }

  /** Goes on counting where another one of the same module ended. */
  takeCounters(from: Runner): void {
    const { counters, state } = this.#module.plan;
    this.#copy(from, counters, counters, state - counters);
  }

  /** Takes over state, where both say that it means the same. Returns whether they do. */
  takeState(from: Runner): boolean {
    const mine = this.#module.manifest;
    const theirs = from.#module.manifest;
    if (mine.name !== theirs.name || mine.state === undefined || theirs.state === undefined) return false;
    if (mine.state.version !== theirs.state.version || mine.state.bytes !== theirs.state.bytes) return false;
    this.#copy(from, from.#module.plan.state, this.#module.plan.state, mine.state.bytes);
    return true;
  }

  #copy(from: Runner, source: number, target: number, bytes: number): void {
    const start = from.#place.block + source;
    this.#place.bytes.set(from.#place.bytes.subarray(start, start + bytes), this.#place.block + target);
  }
}
