import { suggest } from '../suggest.ts';
import { checkSchema } from './config.ts';
import type { Manifest } from './declaration.ts';

/** Counters and reasons of a filter, at most. */
const NAME_LIMIT = 64;
const IDENTIFIER = /^[A-Za-z_][\w-]{0,63}$/;

/**
 * Checks what a filter says of itself.
 *
 * @throws {TypeError} when a name is missing, malformed or used twice, when there are more than 64, or when a config field
 * is not one
 * @throws {RangeError} when a config field's default is outside its range
 */
export function checkManifest({ name, counters = [], reasons = [], onError = 'drop', config = {} }: Manifest): void {
  if (typeof name !== 'string' || name === '' || name.length > 64) {
    throw new TypeError(
      `Cannot use a filter without a name: 'name' must be 1 to 64 characters, got ${JSON.stringify(name)}`,
    );
  }
  checkNames(name, 'counter', counters);
  checkNames(name, 'reason', reasons);
  checkNames(name, 'config field', Object.keys(config));
  checkSchema(name, config);
  if (!['drop', 'pass'].includes(onError)) {
    throw new TypeError(`Cannot use filter ${name}: onError must be 'drop' or 'pass', got ${JSON.stringify(onError)}`);
  }
}

const KEYS = ['name', 'config', 'counters', 'reasons', 'onError', 'filter'];

/**
 * Looks for mistyped keys: an `onEror` that nobody hears would change what passes. Other keys are the filter's own state.
 *
 * @throws {TypeError} for a key that is nearly one that is known
 */
export function checkKeys(declaration: object): void {
  for (const key of Object.keys(declaration)) {
    const meant = KEYS.includes(key) ? '' : suggest(key, KEYS);
    if (meant !== '') throw new TypeError(`Cannot use a filter with '${key}'${meant}`);
  }
}

function checkNames(filter: string, kind: string, names: readonly string[]): void {
  if (!Array.isArray(names)) throw new TypeError(`Cannot use filter ${filter}: its ${kind}s must be a list of names`);
  if (names.length > NAME_LIMIT) throw new TypeError(`Cannot use filter ${filter}: more than ${NAME_LIMIT} ${kind}s`);
  if (new Set(names).size < names.length)
    throw new TypeError(`Cannot use filter ${filter}: a ${kind} is declared twice`);
  for (const name of names) {
    if (typeof name !== 'string' || !IDENTIFIER.test(name)) {
      throw new TypeError(
        `Cannot use filter ${filter}: ${kind} '${String(name)}' must be a letter, then letters, digits, _ or -`,
      );
    }
  }
}
