import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { BenchGroup } from '../../bench/benchCase.ts';
import type { LineFilter } from '../../bench/live/lineProgram.ts';
import { packageFolder } from '../../bench/programs.ts';
import type { FilterSource } from '../../filter/stage.ts';
import { type ChainItem, toItem } from '../../filter/guarded.ts';
import { type NamedFilter, passFilter } from '../load/filterArgument.ts';
import { loadFilters } from '../load/filters.ts';

/**
 * All groups that there are: those of `bench/cases`, or those about these filters.
 *
 * @throws {TaplineError} `BAD_FILE` when a filter cannot be loaded
 */
export async function loadGroups(named: readonly NamedFilter[]): Promise<readonly BenchGroup[]> {
  if (named.length === 0) return (await load<{ groups: BenchGroup[] }>('index.js')).groups;
  const items = (await Promise.all(named.map(loadNamed))).flat();
  // Alone, a filter judges all packets: its guard stands before it in a line only.
  const filters = items.map((item) => toItem(item).source);
  const { ownGroups } = await load<{ ownGroups: OwnGroups }>('own.js');
  // The process of a line loads them as well: it gets the same hooks.
  const nodeOptions = ['--import', new URL('../load/register.js', import.meta.url).href];
  const inLine = named.map((one) => ('file' in one ? pathToFileURL(one.file).href : one));
  return ownGroups({ filters, inLine, nodeOptions });
}

async function loadNamed(named: NamedFilter): Promise<ChainItem[]> {
  return 'file' in named ? await loadFilters(named.file) : [passFilter(named.expression)];
}

type OwnGroups = (own: {
  readonly filters: readonly FilterSource[];
  readonly inLine: readonly LineFilter[];
  readonly nodeOptions: readonly string[];
}) => BenchGroup[];

async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(join(packageFolder(), 'bench', 'cases', name)).href)) as Module;
}
