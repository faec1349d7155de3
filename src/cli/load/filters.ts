import { extname } from 'node:path';

import { TaplineError } from '../../errors.ts';
import { toFilterSource } from '../../filter/define.ts';
import type { FilterSource } from '../../filter/stage.ts';
import { wasmFilter } from '../../wasm/wasmFilter.ts';
import { importDefault, shortPath } from './importFile.ts';

/**
 * Loads the filters of a file: the one of a `.wasm`, which runs in a sandbox; else its default export is a filter, a
 * factory, or an array of those.
 *
 * @throws {TaplineError} `BAD_FILE`, `BAD_FILTER`
 */
export async function loadFilters(path: string): Promise<FilterSource[]> {
  if (extname(path) === '.wasm') return [(await wasmFilter(path))()];
  const found = await importDefault(path);
  if (found === undefined) {
    throw new TaplineError(
      'BAD_FILE',
      `Cannot use ${shortPath(path)} as a filter: it has no default export: write export default { name: 'my-filter', filter(packet) { … } }`,
      { path },
    );
  }
  return [found].flat().map((filter) => sourceOf(filter, path));
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
