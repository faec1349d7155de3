import { CALL_FLAG_STATE_KEPT } from '../../assembly/abi.ts';
import type { StageHost } from '../filter/stage.ts';
import { Call } from './call.ts';
import type { FilterModule } from './filterModule.ts';
import { InPlace } from './inPlace.ts';
import { type Instance, instantiate, runOnce } from './instance.ts';
import type { Place } from './place.ts';
import { Sandbox } from './sandbox.ts';

export interface RunnerOptions {
  readonly isTrusted: boolean;
  readonly seed: number;
}

/** An instance of a filter in its place. A new one is made when the filter is loaded again. */
export class Runner {
  readonly place: Place;
  readonly call: Call;
  readonly #module: FilterModule;
  readonly #instance: Instance;

  constructor(module: FilterModule, host: StageHost, { isTrusted, seed }: RunnerOptions) {
    this.#module = module;
    this.place = isTrusted ? new InPlace(module, host) : new Sandbox(module, host);
    const { plan, manifest } = module;
    const { block, view } = this.place;
    const addresses = {
      call: block + plan.call,
      config: block + plan.config,
      counters: block + plan.counters,
      state: block + plan.state,
      trace: plan.trace < 0 ? 0 : block + plan.trace,
    };
    this.call = new Call(view, addresses, manifest, seed);
    try {
      this.#instance = instantiate(module, this.place.memory);
    } catch (error) {
      this.place.close();
      throw error;
    }
  }

  /** Lets the filter set itself up. Throws what it throws. */
  init(isStateKept: boolean): void {
    this.call.setFlags(isStateKept ? CALL_FLAG_STATE_KEPT : 0);
    this.call.begin(0, 0, 0);
    runOnce(this.#instance, this.#instance.init, this.call.address);
    this.call.setFlags(0);
  }

  get hasTick(): boolean {
    return this.#instance.tick !== undefined;
  }

  tick(now: number): void {
    this.call.begin(0, now, 0);
    runOnce(this.#instance, this.#instance.tick, this.call.address);
  }

  /** Brings a batch in. */
  begin(count: number, now: number, headroom: number): void {
    const { place, call } = this;
    place.bringIn(count);
    call.place(place.packets.active, place.packets.descriptors, place.packets.outcomes);
    call.begin(count, now, headroom);
    this.#refuel(count);
  }

  /** Judges on. Throws what the filter throws; `cursor` then says for which packet. */
  judge(): void {
    this.#instance.judge(this.call.address);
  }

  /** Makes it ready to go on with the packet at `position`. */
  resume(position: number, count: number): void {
    this.#instance.restore();
    this.call.resume(position);
    this.#refuel(count - position);
  }

  /** Whether the last trap came for want of fuel. */
  get isOutOfFuel(): boolean {
    return this.#module.isMetered && (this.#instance.fuel.value as number) < 0;
  }

  #refuel(packets: number): void {
    this.#instance.mark(packets * this.#module.manifest.fuelPerPacket);
  }
}
