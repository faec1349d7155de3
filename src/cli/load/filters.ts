import { extname } from 'node:path';

import { TaplineError } from '../../errors.ts';
import type { FilterDeclaration, Manifest } from '../../filter/declaration.ts';
import type { FilterFactory } from '../../filter/define.ts';
import { withRecipe } from '../../filter/filterFrom.ts';
import { type ChainItem, checkedItem, toItem } from '../../filter/guarded.ts';
import { typescriptFilter } from '../../filter/typescriptFilter.ts';
import { wasmFilter } from '../../wasm/wasmFilter.ts';
import { UsageError } from '../usageError.ts';
import { importDefault, shortPath } from './importFile.ts';
import { type ModulePath, recipeOf } from './recipe.ts';
import { type Settings, settingsFor } from './settings.ts';

/**
 * Loads the filters of a file: the one of a `.wasm`, which runs in a sandbox; else its default export is a filter, a
 * factory, or an array of those.
 *
 * @param settings configuration from the command line, by filter
 * @throws {TaplineError} `BAD_FILE`, `BAD_FILTER`
 * @throws {UsageError} when a setting does not fit
 */
export async function loadFilters(path: string, settings: Settings = new Map()): Promise<ChainItem[]> {
  const found = extname(path) === '.wasm' ? await wasmFilter(path) : await importDefault(path);
  if (found === undefined) {
    throw new TaplineError(
      'BAD_FILE',
      `Cannot use ${shortPath(path)} as a filter: it has no default export: write export default { name: 'my-filter', filter(packet) { … } }`,
      { path },
    );
  }
  const isList = Array.isArray(found);
  return [found].flat().map((filter, i) => configured(filter, path, isList ? ['default', i] : ['default'], settings));
}

/** Who a filter is, it says before it is configured. What it becomes can be made again in a worker. */
function configured(filter: unknown, path: string, way: ModulePath, settings: Settings): ChainItem {
  const item = checked(filter, path);
  const { manifest } = toItem(item).source;
  const config = settingsFor(manifest, settings);
  if (Object.keys(config).length === 0) return withRecipe(item, recipeOf(path, way));
  return withRecipe(withConfig(filter, path, config, manifest), recipeOf(path, way, config));
}

function withConfig(filter: unknown, path: string, config: Record<string, unknown>, manifest: Manifest): ChainItem {
  if (typeof filter === 'function') return checked((filter as FilterFactory)(config), path);
  if (isDeclaration(filter)) return typescriptFilter(filter, config);
  throw new UsageError(`Option --set: ${shortPath(path)} has configured ${manifest.name} already`);
}

function isDeclaration(filter: unknown): filter is FilterDeclaration {
  return typeof filter === 'object' && filter !== null && 'filter' in filter;
}

function checked(filter: unknown, path: string): ChainItem {
  try {
    return checkedItem(filter);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what =
      typeof filter === 'function' ? 'a function is called without arguments and must return a filter: ' : '';
    throw new TaplineError('BAD_FILE', `Cannot use ${shortPath(path)}: ${what}${why}`, { cause, path });
  }
}
