import { ACTIVE_OFFSET, DESCRIPTORS_OFFSET, OUTCOMES_OFFSET } from '../../assembly/layout.ts';
import type { Arena } from '../core/arena.ts';
import { TaplineError } from '../errors.ts';
import type { StageHost } from '../filter/stage.ts';
import type { FilterModule } from './filterModule.ts';
import type { PacketAddresses, Place } from './place.ts';

/** The arena itself: nothing is copied, and nothing keeps the filter from writing where it likes. */
export class InPlace implements Place {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly block: number;
  readonly packets: PacketAddresses = {
    active: ACTIVE_OFFSET,
    descriptors: DESCRIPTORS_OFFSET,
    outcomes: OUTCOMES_OFFSET,
  };

  readonly #arena: Arena;

  constructor({ manifest: { name }, plan }: FilterModule, { arena }: StageHost) {
    this.#arena = arena;
    this.memory = arena.memory as WebAssembly.Memory;
    this.view = arena.view;
    this.bytes = arena.bytes;
    this.block = arena.region.take(plan.active);
    if (this.block < 0) throw regionFull(name, plan.active, arena);
    this.bytes.fill(0, this.block, this.block + plan.active);
  }

  bringIn(): void {
    // They are there.
  }

  takeBack(): void {
    // It wrote where it belongs.
  }

  close(): void {
    this.#arena.region.release(this.block);
  }
}

function regionFull(name: string, bytes: number, { region }: Arena): TaplineError {
  return new TaplineError(
    'ARENA_FULL',
    `Cannot run filter ${name} in place: its ${bytes} bytes find no room among the ${region.bytes} that the line has for all: ` +
      'give it less state, remove other filters, or run it sandboxed',
  );
}
