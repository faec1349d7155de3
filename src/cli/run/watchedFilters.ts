import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readFilterPackage } from '../../author/declaration.ts';
import { isFolder } from '../load/filterPath.ts';
import { UsageError } from '../usageError.ts';

/** A package that is built again at every save. */
export interface WatchedFilter {
  readonly folder: string;
  /** Name of the filter, as filter.json has it now. */
  readonly name: string;
}

/**
 * The filters of a command line that can be watched: folders with sources.
 *
 * @throws {UsageError} when there are none, or one is given twice
 */
export function watchedFilters(texts: readonly string[]): WatchedFilter[] {
  const folders = texts
    .filter((text) => isFolder(text) && existsSync(join(text, 'filter.json')))
    .map((text) => resolve(text));
  if (folders.length === 0)
    throw new UsageError('Option --watch needs a --filter that is the folder of a package, as in --filter ./my-filter');
  if (new Set(folders).size < folders.length) throw new UsageError('Option --watch: a folder was given twice');
  return folders.map((folder) => ({ folder, name: readFilterPackage(folder).declaration.name }));
}
