import { suggest } from '../../suggest.ts';
import { checkValue } from '../../filter/config.ts';
import type { ConfigField, Manifest } from '../../filter/declaration.ts';
import { UsageError } from '../usageError.ts';

/** What `--set` said: texts by filter and field. */
export type Settings = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads `NAME.KEY=VALUE`.
 *
 * @throws {UsageError} for another form, or a field that is set twice
 */
export function readSettings(texts: readonly string[]): Settings {
  const settings = new Map<string, Map<string, string>>();
  for (const text of texts) {
    const [, name, key, value] = /^([^=]+)\.([\w-]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || key === undefined || value === undefined) {
      throw new UsageError(`Option --set ${text} must be of the form FILTER.FIELD=VALUE, as in rate-limit.burst=20`);
    }
    const fields = settings.get(name) ?? new Map<string, string>();
    if (fields.has(key)) throw new UsageError(`Option --set was given twice for ${name}.${key}`);
    settings.set(name, fields.set(key, value));
  }
  return settings;
}

/**
 * What was set for a filter, with the types of its fields. Whether a port exists only the line knows.
 *
 * @throws {UsageError} for a field that it does not have, a text that is no value of its type, or one out of its range
 */
export function settingsFor({ name, config = {} }: Manifest, settings: Settings): Record<string, unknown> {
  const fields = [...(settings.get(name) ?? [])];
  return Object.fromEntries(
    fields.map(([key, text]) => {
      const field = Object.hasOwn(config, key) ? config[key] : undefined;
      if (field === undefined) {
        throw new UsageError(
          `Option --set ${name}.${key}: ${name} has no such field${suggest(key, Object.keys(config))}`,
        );
      }
      const value = valueOf(`${name}.${key}`, field, text);
      checkRange(`${name}.${key}`, field, value);
      return [key, value];
    }),
  );
}

function checkRange(path: string, field: ConfigField, value: unknown): void {
  try {
    checkValue(path, field, value);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      throw new UsageError(`Option --set ${path}: ${error.message}`);
    throw error;
  }
}

/** @throws {UsageError} when a filter was meant that is not there */
export function checkSettings(settings: Settings, names: readonly string[]): void {
  const unknown = [...settings.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const hint = suggest(unknown, names) || (names.length === 0 ? '' : `: there are ${names.join(', ')}`);
  throw new UsageError(`Option --set ${unknown}.…: there is no filter '${unknown}'${hint}`);
}

function valueOf(path: string, { type }: ConfigField, text: string): unknown {
  if (type === 'prefix' || type === 'port') return text;
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new UsageError(`Option --set ${path} must be true or false, got ${JSON.stringify(text)}`);
  }
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) {
    throw new UsageError(`Option --set ${path} must be a number, got ${JSON.stringify(text)}`);
  }
  return value;
}
