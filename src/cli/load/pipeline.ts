import { TaplineError } from '../../errors.ts';
import { withRecipe } from '../../filter/filterFrom.ts';
import type { ChainItem } from '../../filter/guarded.ts';
import type { Pipeline } from '../../pipeline/declaration.ts';
import { importDefault, shortPath } from './importFile.ts';
import { recipeOf } from './recipe.ts';

/**
 * Loads a pipeline file: its default export is the declaration. Ports and filters are checked when it is opened.
 *
 * @throws {TaplineError} `BAD_FILE`
 */
export async function loadPipeline(path: string): Promise<Pipeline> {
  const found = await importDefault(path);
  if (isPipeline(found)) return withRecipes(found, path);
  throw new TaplineError(
    'BAD_FILE',
    `Cannot use ${shortPath(path)} as a pipeline: its default export must be { ports, routes, filters: [] }, got ${describe(found)}`,
    { path },
  );
}

/** A worker finds each filter in the same file. */
function withRecipes(pipeline: Pipeline, path: string): Pipeline {
  if (pipeline.filters === undefined) return pipeline;
  const filters = pipeline.filters.map((item, i) =>
    orItself(item, () => withRecipe(item, recipeOf(path, ['default', 'filters', i]))),
  );
  return { ...pipeline, filters };
}

/** What is no filter is said when the line is opened. */
function orItself(item: ChainItem, change: () => ChainItem): ChainItem {
  try {
    return change();
  } catch {
    return item;
  }
}

function isPipeline(found: unknown): found is Pipeline {
  if (typeof found !== 'object' || found === null || !('ports' in found)) return false;
  return !('filters' in found) || found.filters === undefined || Array.isArray(found.filters);
}

function describe(found: unknown): string {
  if (found === undefined) return 'none';
  if (typeof found !== 'object' || found === null) return `a ${typeof found}`;
  if ('filter' in found) return 'a filter: use it with --filter';
  return `an object with keys ${Object.keys(found).join(', ') || '(none)'}`;
}
