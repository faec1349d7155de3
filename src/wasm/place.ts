import type { WasmManifest } from './manifest.ts';

/** Where a filter works: in a memory of its own, or on the arena. */
export interface Place {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Address of the filter's block. */
  readonly block: number;
  /** Where the packets of the next batch will lie. */
  readonly packets: PacketAddresses;
  /** Brings the active packets in; `packets` says where they lie now. */
  bringIn(count: number): void;
  /** Takes outcomes and edits back. */
  takeBack(count: number): void;
  close(): void;
}

export interface PacketAddresses {
  active: number;
  descriptors: number;
  outcomes: number;
}

/** What of a manifest a place must know. */
export type PlaceManifest = Pick<WasmManifest, 'name' | 'window' | 'headroom' | 'writes'>;
