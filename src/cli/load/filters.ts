import { extname } from 'node:path';

import { TaplineError } from '../../errors.ts';
import type { FilterDeclaration } from '../../filter/declaration.ts';
import { type FilterFactory, toFilterSource } from '../../filter/define.ts';
import type { FilterSource } from '../../filter/stage.ts';
import { typescriptFilter } from '../../filter/typescriptFilter.ts';
import { wasmFilter } from '../../wasm/wasmFilter.ts';
import { UsageError } from '../usageError.ts';
import { importDefault, shortPath } from './importFile.ts';
import { type Settings, settingsFor } from './settings.ts';

/**
 * Loads the filters of a file: the one of a `.wasm`, which runs in a sandbox; else its default export is a filter, a
 * factory, or an array of those.
 *
 * @param settings configuration from the command line, by filter
 * @throws {TaplineError} `BAD_FILE`, `BAD_FILTER`
 * @throws {UsageError} when a setting does not fit
 */
export async function loadFilters(path: string, settings: Settings = new Map()): Promise<FilterSource[]> {
  const found = extname(path) === '.wasm' ? await wasmFilter(path) : await importDefault(path);
  if (found === undefined) {
    throw new TaplineError(
      'BAD_FILE',
      `Cannot use ${shortPath(path)} as a filter: it has no default export: write export default { name: 'my-filter', filter(packet) { … } }`,
      { path },
    );
  }
  return [found].flat().map((filter) => configured(filter, path, settings));
}

/** Who a filter is, it says before it is configured. */
function configured(filter: unknown, path: string, settings: Settings): FilterSource {
  const source = sourceOf(filter, path);
  const config = settingsFor(source.manifest, settings);
  if (Object.keys(config).length === 0) return source;
  if (typeof filter === 'function') return sourceOf((filter as FilterFactory)(config), path);
  if (isDeclaration(filter)) return typescriptFilter(filter, config);
  throw new UsageError(`Option --set: ${shortPath(path)} has configured ${source.manifest.name} already`);
}

function isDeclaration(filter: unknown): filter is FilterDeclaration {
  return typeof filter === 'object' && filter !== null && 'filter' in filter;
}

function sourceOf(filter: unknown, path: string): FilterSource {
  try {
    return toFilterSource(filter);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what =
      typeof filter === 'function' ? 'a function is called without arguments and must return a filter: ' : '';
    throw new TaplineError('BAD_FILE', `Cannot use ${shortPath(path)}: ${what}${why}`, { cause, path });
  }
}
