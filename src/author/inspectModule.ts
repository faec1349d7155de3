import { createHash } from 'node:crypto';
import { loadModule } from '../wasm/filterModule.ts';
import type { WasmManifest } from '../wasm/manifest.ts';
import { SECTION, readSections } from '../wasm/sections.ts';
import { readShape } from '../wasm/shape.ts';

/** What can be told of a compiled filter before anything of it runs. */
export interface Inspected {
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Defaults filled in. */
  readonly manifest: WasmManifest;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** Bytes of code, data, manifest, and all else. */
  readonly sections: { readonly code: number; readonly data: number; readonly manifest: number; readonly rest: number };
  readonly memory: {
    /** Pages that a sandbox begins with, and may have, block included. */
    readonly initialPages: number;
    readonly maximumPages: number;
    /** Bytes of the block. */
    readonly blockBytes: number;
  };
  /** Why it may not run in place; null where it may. */
  readonly obstacle: string | null;
}

/**
 * Checks a module as a line would, and describes it.
 *
 * @param origin what it was read from, for messages
 * @throws {TaplineError} `BAD_FILTER` with what is wrong
 */
export async function inspectModule(bytes: Uint8Array, origin: string): Promise<Inspected> {
  const { manifest, memory, plan, obstacle } = await loadModule(bytes, { origin, isMetered: true, isTrusted: false });
  const shape = readShape(bytes);
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    manifest,
    imports: shape.imports.map(({ module, name }) => `${module}.${name}`),
    exports: [...shape.exports.keys()],
    sections: sectionBytes(bytes),
    memory: { initialPages: memory.initial, maximumPages: memory.maximum, blockBytes: plan.bytes },
    obstacle: obstacle ?? null,
  };
}

function sectionBytes(bytes: Uint8Array): Inspected['sections'] {
  const sections = readSections(bytes);
  const size = (isWanted: (one: (typeof sections)[number]) => boolean): number =>
    sections.filter(isWanted).reduce((sum, { start, end }) => sum + end - start, 0);
  const code = size(({ id }) => id === SECTION.code);
  const data = size(({ id }) => id === SECTION.data);
  const manifest = size(({ name }) => name === 'tapline.manifest');
  return { code, data, manifest, rest: bytes.length - code - data - manifest };
}
