import { readFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { TaplineError } from '../errors.ts';
import type { WasmRecipe } from '../filter/recipe.ts';
import type { FilterSource } from '../filter/stage.ts';
import { suggest } from '../suggest.ts';
import { type FilterModule, loadModule } from './filterModule.ts';
import { type StageOptions, WasmStage } from './stage.ts';

/** How a compiled filter is run. */
export interface WasmFilterOptions {
  /**
   * Runs the filter in place, on the arena itself: nothing is copied, and nothing keeps it from reading and writing every
   * packet and the line's own tables. Default false: in a sandbox. `docs/security.md` says what either promises.
   */
  readonly trusted?: boolean;
  /**
   * Counts what the filter does, and ends a packet that costs more than the manifest's `fuelPerPacket`: what keeps an
   * endless loop from stopping the line. Default true in a sandbox, false in place.
   */
  readonly metered?: boolean;
  /** Where its random numbers begin, 0 to 2³²−1. Default 0: the same ones in each run. */
  readonly seed?: number;
  /** Text of its source map. Default: that of the file beside it whose name has `.map` at its end. */
  readonly sourceMap?: string;
  /** Path of a capture (pcapng) of the first 1,000 packets that it traps for. It is made with the first. Default none. */
  readonly trapCapture?: string;
}

/** A compiled filter that was checked; with a configuration it stands in the `filters` of a pipeline. */
export type WasmFilter = (config?: Readonly<Record<string, unknown>>) => FilterSource;

/**
 * Loads a filter that was compiled to WebAssembly: checks it from its first byte to its last, and compiles it. Nothing of
 * it runs before it is put into a line. The result is used like that of `defineFilter`.
 *
 * @param source path or file: URL of a `.wasm`, or its bytes
 * @throws {TaplineError} `BAD_FILE` when there is no such file; `BAD_FILTER` when it is refused, with what is wrong
 */
export async function wasmFilter(
  source: string | URL | Uint8Array,
  options: WasmFilterOptions = {},
): Promise<WasmFilter> {
  const { trusted, metered, seed, trapCapture, sourceMap } = checkOptions(options);
  const isBytes = source instanceof Uint8Array;
  const path = isBytes ? undefined : pathOf(source);
  const bytes = isBytes ? source.slice() : await read(path ?? '');
  const module = await load(bytes, path, { trusted, metered, sourceMap });
  const recipe = { kind: 'wasm', bytes, path, options: { ...options } } as const;
  return (config = {}) =>
    sourceOf(module, { ...config }, { isTrusted: trusted, seed, trapCapture }, { ...recipe, config });
}

/**
 * Makes a compiled filter again in the thread of a lane: of the bytes that were checked, whatever the file has now. Its
 * random numbers are others than in the next lane, and it captures its traps in a file of its own: `traps.lane1.pcapng`.
 */
export async function wasmFilterOf(recipe: WasmRecipe, lane: number): Promise<FilterSource> {
  const { bytes, path, config } = recipe;
  const { trusted, metered, seed, trapCapture, sourceMap } = checkOptions(recipe.options);
  const module = await load(bytes, path, { trusted, metered, sourceMap });
  const stage = {
    isTrusted: trusted,
    seed: (seed + lane) >>> 0,
    trapCapture: trapCapture?.replace(/(\.[^./]*)?$/, (end) => `.lane${lane}${end}`),
  };
  return sourceOf(module, config, stage, recipe);
}

function load(
  bytes: Uint8Array,
  path: string | undefined,
  { trusted, metered, sourceMap }: Pick<CheckedOptions, 'trusted' | 'metered' | 'sourceMap'>,
): Promise<FilterModule> {
  return loadModule(bytes, {
    origin: path ?? 'the given bytes',
    isTrusted: trusted,
    isMetered: metered,
    readSourceMap: () => sourceMap ?? (path === undefined ? undefined : sourceMapBeside(path)),
  });
}

function sourceOf(
  module: FilterModule,
  config: Readonly<Record<string, unknown>>,
  options: StageOptions,
  recipe: WasmRecipe,
): FilterSource {
  const { manifest } = module;
  const { writes, window, headroom, onOutside } = manifest;
  return {
    manifest,
    recipe,
    config,
    limits: { writes, window, headroom, onOutside },
    open: (host, handover) => new WasmStage(module, config, host, options, handover),
  };
}

const KEYS = ['trusted', 'metered', 'seed', 'sourceMap', 'trapCapture'];

type Optional = 'trapCapture' | 'sourceMap';
type CheckedOptions = Required<Omit<WasmFilterOptions, Optional>> & Record<Optional, string | undefined>;

function checkOptions(options: WasmFilterOptions): CheckedOptions {
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot load a filter with '${key}'${suggest(key, KEYS)}`);
  }
  const { trusted = false, metered = !trusted, seed = 0, trapCapture, sourceMap } = options;
  if (typeof trusted !== 'boolean' || typeof metered !== 'boolean') {
    throw new TypeError('Cannot load a filter: trusted and metered must be true or false');
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(
      `Cannot load a filter: seed must be a whole number from 0 to 4294967295, got ${inspect(seed)}`,
    );
  }
  for (const [key, value] of Object.entries({ trapCapture, sourceMap })) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new TypeError(`Cannot load a filter: ${key} must be a text, got ${inspect(value)}`);
    }
  }
  return { trusted, metered, seed, trapCapture, sourceMap };
}

function pathOf(source: unknown): string {
  if (typeof source === 'string' && source !== '') return source;
  if (source instanceof URL) return fileURLToPath(source);
  throw new TypeError(`Cannot load a filter from ${inspect(source)}: expected the path of a .wasm file, or its bytes`);
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TaplineError('BAD_FILE', `Cannot read filter ${path}: ${why}`, { cause, path });
  }
}

/** As asc writes it. */
function sourceMapBeside(path: string): string | undefined {
  const map = `${path}.map`;
  return existsSync(map) ? readFileSync(map, 'utf8') : undefined;
}
