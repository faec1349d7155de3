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
 * Takes the guard off whatever stands in a list of filters.
 *
 * @throws {TypeError} when it is no filter
 * @throws {ExpressionError} `BAD_EXPRESSION`
 */
export function toItem(item: unknown): OpenItem {
  if (!isGuarded(item)) return { source: toFilterSource(item), guard: undefined };
  return { source: toFilterSource(item.filter), guard: toGuard(item.when) };
}

/** The same as an item: what was checked and compiled is not checked again when it is put into a line. */
export function checkedItem(item: unknown): ChainItem {
  const { source, guard } = toItem(item);
  return guard === undefined ? source : { when: guard, filter: source };
}

/** A filter that has `when` among its own keys is refused as such. */
function isGuarded(item: unknown): item is { readonly when: unknown; readonly filter?: unknown } {
  return typeof item === 'object' && item !== null && 'when' in item && !('name' in item || 'manifest' in item);
}

function toGuard(when: unknown): GuardSource {
  if (typeof when === 'string') return pcapGuard(when);
  if (typeof when === 'object' && when !== null && 'open' in when && typeof when.open === 'function') {
    return when as GuardSource;
  }
  throw new TypeError(`Expected when to be a pcap expression or a guard, got ${typeof when}`);
}
