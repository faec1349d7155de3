import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { TaplineError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import type { FilterDeclaration } from './declaration.ts';
import { type ChainItem, toItem } from './guarded.ts';
import type { ModuleRecipe } from './recipe.ts';
import type { FilterSource } from './stage.ts';
import { typescriptFilter } from './typescriptFilter.ts';

/** What of a module is the filter. */
export interface FilterFromOptions {
  /** Name of the export. Default `'default'`. */
  readonly export?: string;
  /**
   * What the export is called with, where it is a function; else the configuration of the filter. Anything that structured
   * clone copies. Default: nothing.
   */
  readonly argument?: unknown;
}

/**
 * A filter of a module, which can be imported again in other threads: what a line with `queues` needs. The export is a
 * filter, or a function that makes one (what `defineFilter` returns is such a function).
 *
 * @param module path or `file:` URL: `new URL('./my-filter.ts', import.meta.url)`
 * @throws {TaplineError} `BAD_FILE` when it cannot be imported, or has no such export
 * @throws {TypeError} when what it exports is no filter, or an option is wrong
 */
export async function filterFrom(module: string | URL, options: FilterFromOptions = {}): Promise<FilterSource> {
  const recipe = recipeOf(module, options);
  const { source, guard } = toItem(await filterOf(recipe));
  if (guard === undefined) return source;
  const path = fileURLToPath(recipe.url);
  throw new TypeError(
    `Cannot use the export of ${path}: put its 'when' beside it, { when, filter: await filterFrom(…) }`,
  );
}

/** Makes what a recipe describes, in whatever thread this is. Throws as `filterFrom`. */
export async function filterOf(recipe: ModuleRecipe): Promise<ChainItem> {
  const found = exportedValue(await importModule(recipe), recipe);
  return withRecipe(await madeOf(found, recipe), recipe);
}

/** The same filter, which knows how it can be made again. One that knows it already, and better, keeps that. */
export function withRecipe(item: ChainItem, recipe: ModuleRecipe): ChainItem {
  const { source, guard } = toItem(item);
  const { manifest, limits, config } = source;
  const filter = {
    manifest,
    ...(limits === undefined ? {} : { limits }),
    ...(config === undefined ? {} : { config }),
    recipe: source.recipe ?? recipe,
    open: source.open.bind(source),
  };
  if (guard === undefined) return filter;
  return { when: { recipe: guard.recipe ?? recipe, open: guard.open.bind(guard) }, filter };
}

function recipeOf(module: string | URL, options: FilterFromOptions): ModuleRecipe {
  return { kind: 'module', url: urlOf(module), path: [exportOf(options)], argument: cloneOf(options.argument) };
}

const KEYS = ['export', 'argument'];

function exportOf(options: FilterFromOptions): string {
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null) {
    throw new TypeError(`Cannot use filterFrom: options must be { export, argument }, got ${inspect(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot use filterFrom with '${key}'${suggest(key, KEYS)}`);
  }
  const { export: name = 'default' } = options;
  if (typeof name === 'string' && name !== '') return name;
  throw new TypeError(`Cannot use filterFrom: export must be the name of one, got ${inspect(name)}`);
}

/** As a lane will get it. */
function cloneOf(argument: unknown): unknown {
  try {
    return structuredClone(argument);
  } catch (cause) {
    const text = `Cannot use filterFrom: argument must be something that structured clone copies, got ${inspect(argument)}`;
    throw new TypeError(text, { cause });
  }
}

function urlOf(module: unknown): string {
  const url =
    module instanceof URL ? module : typeof module === 'string' && module !== '' ? urlOfText(module) : undefined;
  if (url?.protocol === 'file:') return url.href;
  throw new TypeError(`Cannot import a filter from ${inspect(module)}: expected a path or a file: URL`);
}

function urlOfText(text: string): URL {
  return /^(file:|\w+:\/\/)/.test(text) ? new URL(text) : pathToFileURL(text);
}

async function importModule({ url, preload }: ModuleRecipe): Promise<unknown> {
  try {
    if (preload !== undefined) await import(preload);
    return await import(url);
  } catch (cause) {
    throw badFile(url, existsSync(new URL(url)) ? reasonOf(cause) : 'there is no such file', cause);
  }
}

function exportedValue(module: unknown, { url, path }: ModuleRecipe): unknown {
  let value = module;
  for (const key of path) value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[key];
  if (value === undefined) throw badFile(url, `it has no export '${path.join('.')}'${exportsOf(module)}`);
  return value;
}

/** What there is instead. */
function exportsOf(module: unknown): string {
  const names = Object.keys(module as object).sort();
  return names.length === 0 ? ': it exports nothing' : `: it exports ${names.join(', ')}`;
}

async function madeOf(found: unknown, { argument, url }: ModuleRecipe): Promise<ChainItem> {
  // It may fill in what is missing there: that must not be sent to the next thread.
  if (typeof found === 'function') {
    return (await (found as (argument: unknown) => unknown)(structuredClone(argument))) as ChainItem;
  }
  if (argument === undefined) return found as ChainItem;
  if (isDeclaration(found)) return typescriptFilter(found, argument as Readonly<Record<string, unknown>>);
  throw new TypeError(`Cannot give the filter of ${fileURLToPath(url)} an argument: export a function that takes it`);
}

function isDeclaration(value: unknown): value is FilterDeclaration {
  return typeof value === 'object' && value !== null && 'filter' in value && !('when' in value);
}

function badFile(url: string, why: string, cause?: unknown): TaplineError {
  const path = fileURLToPath(url);
  return new TaplineError('BAD_FILE', `Cannot load the filter of ${path}: ${why}`, { cause, path });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return inspect(cause);
  const readsTypes = !(
    'code' in cause &&
    cause.code === 'ERR_UNKNOWN_FILE_EXTENSION' &&
    /\.m?ts\b/.test(cause.message)
  );
  const remedy = readsTypes ? '' : ': Node reads TypeScript from 22.18 on: use that, or compile the file';
  return `${cause.name}: ${cause.message}${remedy}`;
}
