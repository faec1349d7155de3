import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BenchGroup } from '../../bench/benchCase.ts';
import { packageFolder } from '../../bench/programs.ts';
import { loadFilters } from '../load/filters.ts';

/**
 * All groups that there are: those of `bench/cases`, or those about the filters of these files.
 *
 * @param filterFiles absolute paths
 * @throws {TaplineError} `BAD_FILE` when a filter cannot be loaded
 */
export async function loadGroups(filterFiles: readonly string[]): Promise<readonly BenchGroup[]> {
  if (filterFiles.length === 0) return (await load<{ groups: BenchGroup[] }>('index.js')).groups;
  const filters = (await Promise.all(filterFiles.map((file) => loadFilters(file)))).flat();
  const { ownGroups } = await load<{ ownGroups: OwnGroups }>('own.js');
  // The process of a line loads them as well: it gets the same hooks.
  const nodeOptions = ['--import', new URL('../load/register.js', import.meta.url).href];
  return ownGroups({ filters, urls: filterFiles.map((path) => pathToFileURL(path).href), nodeOptions });
}

type OwnGroups = (own: {
  readonly filters: Awaited<ReturnType<typeof loadFilters>>;
  readonly urls: readonly string[];
  readonly nodeOptions: readonly string[];
}) => BenchGroup[];

async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(join(packageFolder(), 'bench', 'cases', name)).href)) as Module;
}
