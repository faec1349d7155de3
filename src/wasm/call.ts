import * as A from '../../assembly/abi.ts';
import type { WasmManifest } from './manifest.ts';

const WORD = 2 ** 32;

/** Addresses that do not change from batch to batch. */
export interface CallAddresses {
  readonly call: number;
  readonly config: number;
  readonly counters: number;
  readonly state: number;
  /** 0: none. */
  readonly trace: number;
}

/** The record by which a host tells a filter of a batch. */
export class Call {
  readonly address: number;
  readonly #view: DataView;
  readonly #seed: number;
  #batches = 0;

  constructor(view: DataView, addresses: CallAddresses, { window, state }: WasmManifest, seed: number) {
    this.#view = view;
    this.address = addresses.call;
    this.#seed = seed;
    for (let byte = 0; byte < A.CALL_BYTES; byte++) view.setUint8(this.address + byte, 0);
    this.#set(A.CALL_CONFIG, addresses.config);
    this.#set(A.CALL_COUNTERS, addresses.counters);
    this.#set(A.CALL_STATE, addresses.state);
    this.#set(A.CALL_STATE_BYTES, state?.bytes ?? 0);
    this.#set(A.CALL_WINDOW, window);
    this.#set(A.CALL_TRACE, addresses.trace);
  }

  /** Where packets lie. */
  place(active: number, descriptors: number, outcomes: number): void {
    this.#set(A.CALL_ACTIVE, active);
    this.#set(A.CALL_DESCRIPTORS, descriptors);
    this.#set(A.CALL_OUTCOMES, outcomes);
  }

  /** A new batch; `count` 0 for `init` and `tick`. */
  begin(count: number, now: number, headroom: number): void {
    this.#set(A.CALL_COUNT, count);
    this.#set(A.CALL_HEADROOM, headroom);
    this.#set(A.CALL_NOW, now % WORD);
    this.#set(A.CALL_NOW + 4, Math.floor(now / WORD));
    const batch = this.#batches++;
    this.#set(A.CALL_SEED, mix(this.#seed ^ batch));
    this.#set(A.CALL_SEED + 4, mix(Math.imul(this.#seed, 0x9e3779b1) + batch + 1));
    this.resume(0);
  }

  /** Lets the filter go on with the packet at `position`. */
  resume(position: number): void {
    this.#set(A.CALL_FIRST, position);
    this.#set(A.CALL_CURSOR, position);
  }

  /** The packet at hand when the filter trapped. What it wrote is a number, and no more. */
  cursor(first: number, count: number): number {
    const cursor = this.#view.getUint32(this.address + A.CALL_CURSOR, true);
    return cursor >= first && cursor < count ? cursor : first;
  }

  /** Calls `tapline_init` in the middle of a batch, for an instance that took another's place. */
  interrupt(init: () => void): void {
    const count = this.#view.getUint32(this.address + A.CALL_COUNT, true);
    this.#set(A.CALL_COUNT, 0);
    this.setFlags(A.CALL_FLAG_STATE_KEPT);
    init();
    this.setFlags(0);
    this.#set(A.CALL_COUNT, count);
  }

  setFlags(flags: number): void {
    this.#set(A.CALL_FLAGS, flags);
  }

  #set(field: number, value: number): void {
    this.#view.setUint32(this.address + field, value, true);
  }
}

/** Spreads the bits of a 32-bit number (the finalizer of MurmurHash3, in the public domain). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
