import type { PcapFilterOptions } from './pcapFilter.ts';
import type { PcapSource } from './pcapPrograms.ts';

/**
 * How to make a filter again in another thread. A function cannot be sent there; what stands here can (structured clone).
 * Filters of `filterFrom`, `wasmFilter` and `pcapFilter` carry one, and so does a guard that is an expression.
 */
export type Recipe = ModuleRecipe | PcapRecipe | WasmRecipe;

/** A value that a module exports. */
export interface ModuleRecipe {
  readonly kind: 'module';
  /** `file:` URL. */
  readonly url: string;
  /** The way to it, from the module: the name of the export, then keys. */
  readonly path: readonly (string | number)[];
  /** What it is called with, or configured with. */
  readonly argument?: unknown;
  /** URL of a module to be imported before: it lets Node load what it cannot load by itself. */
  readonly preload?: string | undefined;
}

/** What `pcapFilter` or `pcapGuard` was called with. */
export interface PcapRecipe {
  readonly kind: 'pcap';
  readonly source: PcapSource;
  readonly options: PcapFilterOptions;
}

/** What `wasmFilter` was called with; the bytes are those that were checked. */
export interface WasmRecipe {
  readonly kind: 'wasm';
  readonly bytes: Uint8Array;
  /** Of the file, for messages and its source map; undefined of bytes. */
  readonly path: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}
