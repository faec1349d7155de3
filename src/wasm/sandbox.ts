import { BATCH_COUNT, DESCRIPTOR_BYTES, INDEX_BYTES, OUTCOME_BYTES } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import { TaplineError } from '../errors.ts';
import type { StageHost } from '../filter/stage.ts';
import type { FilterModule } from './filterModule.ts';
import type { PacketAddresses, Place, PlaceManifest } from './place.ts';

/**
 * A memory of the filter's own. Of each batch it gets descriptors, outcomes and windows, as one copy; what comes back is
 * one copy too, and the core takes over no more of it than the manifest allows.
 */
export class Sandbox implements Place {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly block: number;
  readonly packets: PacketAddresses;

  readonly #arena: Arena;
  readonly #manifest: PlaceManifest;
  readonly #copyIn: (to: number, from: number, bytes: number) => void;
  readonly #copyOut: (to: number, from: number, bytes: number) => void;
  /** Address of the descriptors. */
  readonly #batch: number;
  /** Bytes of the batch at hand. */
  #used = 0;

  constructor({ manifest, memory, plan, origin }: FilterModule, { arena, bindCopy }: StageHost) {
    this.#arena = arena;
    this.#manifest = manifest;
    this.memory = allocate(origin, memory);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.block = memory.address;
    this.#batch = this.block + plan.batch;
    this.packets = { active: this.block + plan.active, descriptors: this.#batch, outcomes: 0 };
    this.#copyIn = bindCopy(this.bytes, arena.bytes);
    this.#copyOut = bindCopy(arena.bytes, this.bytes);
    // The packets that a sandbox gets stand close together: the list of them is always the same.
    for (let i = 0; i < BATCH_COUNT; i++) this.view.setUint16(this.packets.active + i * INDEX_BYTES, i, true);
  }

  bringIn(count: number): void {
    const { core, staging } = this.#arena;
    const { window, headroom, writes } = this.#manifest;
    this.#used = core.gather(staging, this.#batch, count, window, headroom, writes ? 1 : 0);
    this.#copyIn(this.#batch, staging, this.#used);
    this.packets.outcomes = this.#batch + count * DESCRIPTOR_BYTES;
  }

  takeBack(count: number): void {
    const { core, staging } = this.#arena;
    const { window, headroom, writes } = this.#manifest;
    const start = count * DESCRIPTOR_BYTES;
    const bytes = writes ? this.#used - start : count * OUTCOME_BYTES;
    this.#copyOut(staging + start, this.#batch + start, bytes);
    core.scatter(staging, count, window, headroom, writes ? 1 : 0);
  }

  close(): void {
    // The memory goes when nobody refers to it.
  }
}

function allocate(origin: string, { initial, maximum }: FilterModule['memory']): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch (cause) {
    throw new TaplineError(
      'ARENA_FULL',
      `Cannot give ${origin} a memory of ${maximum} pages: the process gets no more address space: raise its limit (ulimit -v)`,
      { cause },
    );
  }
}
