import { inspect } from 'node:util';
import { checkKeys, checkManifest } from './checkManifest.ts';
import type { ConfigInput, ConfigSchema, FilterDeclaration } from './declaration.ts';
import type { FilterSource } from './stage.ts';
import { typescriptFilter } from './typescriptFilter.ts';

/** What a line takes for a filter: a source of any kind, or the plain object of a TypeScript filter. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list holds filters of every schema, counter and reason
export type FilterLike = FilterSource | FilterDeclaration<any, any, any>;

/** A filter to which a configuration may be given: `limit({ packetsPerSecond: 100 })`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export type FilterFactory = (config?: any) => FilterLike;

/**
 * Defines a filter in TypeScript and checks its declaration. The result is used as it is (`filters: [dropTelnet]`) or
 * called with a configuration (`filters: [limit({ packetsPerSecond: 100 })]`).
 *
 * @throws {TypeError} when the declaration is not one
 */
export function defineFilter<
  // eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- no config: no fields
  const Schema extends ConfigSchema = Record<never, never>,
  const Counter extends string = never,
  const Reason extends string = never,
>(declaration: FilterDeclaration<Schema, Counter, Reason>): (config?: ConfigInput<Schema>) => FilterSource {
  checkKeys(declaration);
  checkManifest(declaration);
  return (config) => typescriptFilter(declaration, { ...config });
}

/**
 * Makes a source of whatever stands in a list of filters, recognised by its shape.
 *
 * @throws {TypeError} when it is no filter
 */
export function toFilterSource(filter: unknown): FilterSource {
  if (isSource(filter)) {
    checkManifest(filter.manifest);
    return filter;
  }
  if (isDeclaration(filter)) return typescriptFilter(filter, {});
  if (typeof filter === 'function') return toFilterSource((filter as FilterFactory)());
  throw new TypeError(
    `Cannot use ${describe(filter)} as a filter: expected { name, filter(packet, context) { … } } or what defineFilter returns`,
  );
}

function isSource(value: unknown): value is FilterSource {
  return isObject(value) && typeof value['open'] === 'function' && isObject(value['manifest']);
}

/** A list has a method of that name, and is no filter. */
function isDeclaration(value: unknown): value is FilterDeclaration {
  return isObject(value) && !Array.isArray(value) && typeof value['filter'] === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise (await it)';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? `an object with keys ${Object.keys(value).join(', ') || '(none)'}` : inspect(value);
}
