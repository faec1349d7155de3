import { type FilterFactory, type FilterLike, toFilterSource } from './define.ts';
import { pcapGuard } from './pcapFilter.ts';
import type { FilterSource, GuardSource } from './stage.ts';

/** A filter that sees only packets that match; others pass it by. */
export interface GuardedFilter {
  /** A pcap expression as in `'udp port 53'`, or another guard. */
  readonly when: string | GuardSource;
  readonly filter: FilterLike | FilterFactory;
  /** A filter has a name itself. */
  readonly name?: undefined;
}

/** What may stand in a list of filters. */
export type ChainItem = FilterLike | FilterFactory | GuardedFilter;

/** A filter as the chain takes it. */
export interface OpenItem {
  readonly source: FilterSource;
  readonly guard: GuardSource | undefined;
}

/**
 * Takes the guard off whatever stands in a list of filters. A filter in TypeScript may have its `when` itself.
 *
 * @throws {TypeError} when it is no filter
 * @throws {ExpressionError} `BAD_EXPRESSION`
 */
export function toItem(item: unknown): OpenItem {
  if (!hasWhen(item)) return { source: toFilterSource(item), guard: undefined };
  const isFilterItself = 'name' in item || 'manifest' in item;
  if (!isFilterItself && item.filter === undefined) throw new TypeError("Cannot use { when } without 'filter'");
  return { source: toFilterSource(isFilterItself ? item : item.filter), guard: toGuard(item.when) };
}

function hasWhen(item: unknown): item is { readonly when: unknown; readonly filter?: unknown } {
  return typeof item === 'object' && item !== null && 'when' in item;
}

function toGuard(when: unknown): GuardSource {
  if (typeof when === 'string') return pcapGuard(when);
  if (typeof when === 'object' && when !== null && 'open' in when && typeof when.open === 'function') {
    return when as GuardSource;
  }
  throw new TypeError(`Expected when to be a pcap expression or a guard, got ${typeof when}`);
}
