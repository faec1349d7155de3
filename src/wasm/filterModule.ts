import { BLOCK_ALIGNMENT } from '../../assembly/abi.ts';
import { TaplineError } from '../errors.ts';
import { type BlockPlan, planBlock } from './block.ts';
import { type Entries, checkModule } from './checkModule.ts';
import { type WasmManifest, readManifest } from './manifest.ts';
import { MANIFEST_SECTION } from './names.ts';
import type { OffsetTable } from './offsets.ts';
import { Refusal, refuse } from './refusal.ts';
import { rewrite } from './rewrite.ts';
import { type Shape, readShape } from './shape.ts';
import { type SourceLines, sourceLines } from './sourceMap.ts';

/** Bytes of a module, at most. */
const MODULE_LIMIT_BYTES = 16 * 2 ** 20;
const PAGE_BYTES = 65_536;

/** A filter's module that was checked and compiled; any number of instances can be made of it. */
export interface FilterModule {
  /** What it was loaded from, for messages. */
  readonly origin: string;
  readonly manifest: WasmManifest;
  readonly entries: Entries;
  readonly plan: BlockPlan;
  /** Where its block lies in a memory of its own, and how many pages that has. */
  readonly memory: { readonly address: number; readonly initial: number; readonly maximum: number };
  readonly compiled: WebAssembly.Module;
  readonly isMetered: boolean;
  /** Whether it uses memory for itself: data, or a heap. */
  readonly ownsMemory: boolean;
  /** Why it cannot run in place; undefined where it can. */
  readonly obstacle: string | undefined;
  /** Functions that the author wrote; those behind were added. */
  readonly functionCount: number;
  /** From bytes of the compiled module to bytes of the author's. */
  readonly origins: OffsetTable;
  readonly sourceLine: SourceLines;
}

export interface LoadOptions {
  readonly origin: string;
  readonly isMetered: boolean;
  readonly isTrusted: boolean;
  /** Text of the source map, where there is one. */
  readonly readSourceMap?: (() => string | undefined) | undefined;
}

/**
 * Checks a module from its first byte to its last, rewrites and compiles it. Nothing of it runs.
 *
 * @throws {TaplineError} `BAD_FILTER` with what is wrong
 */
export async function loadModule(bytes: Uint8Array, options: LoadOptions): Promise<FilterModule> {
  const { origin } = options;
  try {
    const checked = check(bytes, options);
    const compiled = await WebAssembly.compile(checked.bytes as BufferSource);
    return { ...checked.module, compiled };
  } catch (error) {
    throw badFilter(origin, error);
  }
}

/** What is wrong with a module, as the caller hears it. Errors of V8 are about the module too. */
export function badFilter(origin: string, error: unknown): unknown {
  const isOurs = error instanceof Refusal || error instanceof WebAssembly.CompileError;
  if (!isOurs) return error;
  return new TaplineError('BAD_FILTER', `Cannot use ${origin} as a filter: ${error.message}`, { cause: error });
}

function check(
  bytes: Uint8Array,
  { origin, isMetered, isTrusted, readSourceMap = () => undefined }: LoadOptions,
): { readonly bytes: Uint8Array; readonly module: Omit<FilterModule, 'compiled'> } {
  if (bytes.length > MODULE_LIMIT_BYTES) refuse(`it has ${bytes.length} bytes: ${MODULE_LIMIT_BYTES} are the most`);
  const shape = readShape(bytes);
  const entries = checkModule(shape);
  const manifest = manifestOf(shape);
  const plan = planBlock(manifest);
  const { bytes: rewritten, origins, grows } = rewrite(shape, isMetered);
  const own = ownMemory(shape, entries, grows);
  checkBlock(entries, plan, own);
  const obstacle = obstacleOf(own ?? (shape.hasStart ? 'has a start function' : undefined));
  if (isTrusted && obstacle !== undefined) refuse(obstacle);
  const module = {
    origin,
    manifest,
    entries,
    plan,
    memory: memoryOf(entries, plan, manifest),
    isMetered,
    ownsMemory: own !== undefined,
    obstacle,
    functionCount: shape.functions.length,
    origins,
    sourceLine: sourceLines(readSourceMap),
  };
  return { bytes: rewritten, module };
}

function manifestOf({ bytes, sections }: Shape): WasmManifest {
  const found = sections.filter(({ name }) => name === MANIFEST_SECTION);
  const [section] = found;
  if (section === undefined) refuse(`it has no manifest: section ${MANIFEST_SECTION} is missing`);
  if (found.length > 1) refuse(`it has ${found.length} manifests`);
  // A copy, since a text decoder takes no shared memory.
  return readManifest(bytes.slice(section.start, section.end));
}

/** What of memory the module uses for itself, if it does. */
function ownMemory({ hasData }: Shape, { minimumPages }: Entries, grows: boolean): string | undefined {
  if (minimumPages > 0) return `declares ${minimumPages} pages of memory`;
  if (hasData) return 'has data segments';
  return grows ? 'uses memory.grow' : undefined;
}

function checkBlock({ block }: Entries, plan: BlockPlan, own: string | undefined): void {
  if (block === undefined) {
    if (own !== undefined) refuse(`it ${own}, so it must say where the host's block may lie: export tapline_block`);
  } else if (block.bytes < plan.bytes) {
    refuse(`it reserved ${block.bytes} bytes at tapline_block: its manifest needs ${plan.bytes}`);
  }
}

/** Pages that a sandboxed filter's memory has at first, and at most. */
function memoryOf(
  { block, minimumPages }: Entries,
  plan: BlockPlan,
  { memoryPages }: WasmManifest,
): FilterModule['memory'] {
  const address = block?.address ?? BLOCK_ALIGNMENT;
  const initial = Math.max(minimumPages, Math.ceil((address + plan.bytes) / PAGE_BYTES));
  const maximum = Math.ceil(plan.bytes / PAGE_BYTES) + memoryPages;
  // A module without a block of its own cannot grow either.
  if (block === undefined) return { address, initial, maximum: initial };
  if (initial > maximum) {
    refuse(`it needs ${initial} pages of memory, and may have ${maximum}: raise memoryPages in its manifest`);
  }
  return { address, initial, maximum };
}

function obstacleOf(own: string | undefined): string | undefined {
  if (own === undefined) return undefined;
  return `it ${own}, so it cannot run in place (trusted): keep what it remembers in its state, use no strings, arrays or \`new\`, and no code outside of functions; or run it sandboxed`;
}
