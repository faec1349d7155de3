import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BenchGroup } from '../../bench/benchCase.ts';
import { packageFolder } from '../../bench/programs.ts';
import type { FilterSource } from '../../filter/stage.ts';
import { toItem } from '../../filter/guarded.ts';
import { loadFilters } from '../load/filters.ts';

/**
 * All groups that there are: those of `bench/cases`, or those about the filters of these files.
 *
 * @param filterFiles absolute paths
 * @throws {TaplineError} `BAD_FILE` when a filter cannot be loaded
 */
export async function loadGroups(filterFiles: readonly string[]): Promise<readonly BenchGroup[]> {
  if (filterFiles.length === 0) return (await load<{ groups: BenchGroup[] }>('index.js')).groups;
  const items = (await Promise.all(filterFiles.map((file) => loadFilters(file)))).flat();
  // Alone, a filter judges all packets: its guard stands before it in a line only.
  const filters = items.map((item) => toItem(item).source);
  const { ownGroups } = await load<{ ownGroups: OwnGroups }>('own.js');
  // The process of a line loads them as well: it gets the same hooks.
  const nodeOptions = ['--import', new URL('../load/register.js', import.meta.url).href];
  return ownGroups({ filters, urls: filterFiles.map((path) => pathToFileURL(path).href), nodeOptions });
}

type OwnGroups = (own: {
  readonly filters: readonly FilterSource[];
  readonly urls: readonly string[];
  readonly nodeOptions: readonly string[];
}) => BenchGroup[];

async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(join(packageFolder(), 'bench', 'cases', name)).href)) as Module;
}
