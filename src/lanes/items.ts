import { filterOf } from '../filter/filterFrom.ts';
import { type ChainItem, toItem } from '../filter/guarded.ts';
import { pcapFilter, pcapGuard } from '../filter/pcapFilter.ts';
import type { Recipe } from '../filter/recipe.ts';
import type { FilterSource, GuardSource } from '../filter/stage.ts';
import { wasmFilterOf } from '../wasm/wasmFilter.ts';

/** A filter as it is ordered from a lane. */
export interface ItemOrder {
  readonly filter: Recipe;
  readonly when: Recipe | undefined;
  /** The name that it has in the other lanes; undefined: the one it gives itself. */
  readonly name?: string;
  /** What of its configuration was changed since it was made. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/**
 * What a lane must be told to make a filter again.
 *
 * @throws {TypeError} when it, or its guard, cannot be sent to another thread; or when it is no filter
 */
export function orderOf(item: ChainItem): ItemOrder {
  const { source, guard } = toItem(item);
  const { name } = source.manifest;
  if (source.recipe === undefined) {
    throw new TypeError(
      `Cannot use filter ${name} in a line with queues: a function stays in its thread: put it into a module of its own ` +
        `and use await filterFrom(new URL('./${name}.js', import.meta.url))`,
    );
  }
  if (guard !== undefined && guard.recipe === undefined) {
    throw new TypeError(`Cannot use the guard of ${name} in a line with queues: write it as an expression`);
  }
  return checked(name, { filter: source.recipe, when: guard?.recipe, changes: {} });
}

/** What a worker is begun with must be cloned by then; so must what its successor is begun with. */
function checked(name: string, order: ItemOrder): ItemOrder {
  try {
    return structuredClone(order);
  } catch (cause) {
    throw new TypeError(
      `Cannot use filter ${name} in a line with queues: it was made with something that cannot be sent to a thread`,
      { cause },
    );
  }
}

/** Makes a filter again, in a lane. Throws what `filterFrom` throws. */
export async function itemOf({ filter, when, name }: ItemOrder, lane: number): Promise<ChainItem> {
  const source = named(await sourceOf(filter, lane), name);
  return when === undefined ? source : { when: await guardOf(when), filter: source };
}

async function sourceOf(recipe: Recipe, lane: number): Promise<FilterSource> {
  if (recipe.kind === 'pcap') return pcapFilter(recipe.source, recipe.options);
  if (recipe.kind === 'wasm') return wasmFilterOf(recipe, lane);
  return toItem(await filterOf(recipe)).source;
}

async function guardOf(recipe: Recipe): Promise<GuardSource> {
  if (recipe.kind === 'pcap') return pcapGuard(recipe.source, recipe.options);
  const guard = recipe.kind === 'module' ? toItem(await filterOf(recipe)).guard : undefined;
  if (guard === undefined) throw new TypeError('Cannot make a guard again: its module has none any more');
  return guard;
}

/** A filter that came as the second of its name keeps that name in a lane where the first one never was. */
function named(source: FilterSource, name: string | undefined): FilterSource {
  if (name === undefined || name === source.manifest.name) return source;
  const { limits, config } = source;
  return {
    manifest: { ...source.manifest, name },
    ...(limits === undefined ? {} : { limits }),
    ...(config === undefined ? {} : { config }),
    open: (host, handover) => source.open(host, handover),
  };
}
