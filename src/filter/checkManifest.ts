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
 * is not one, or a policy
 * @throws {RangeError} when a config field's default is outside its range
 */
export function checkManifest(manifest: Manifest): void {
  const { name, counters = [], reasons = [], config = {} } = manifest;
  if (typeof name !== 'string' || name === '' || name.length > 64) {
    throw new TypeError(
      `Cannot use a filter without a name: 'name' must be 1 to 64 characters, got ${JSON.stringify(name)}`,
    );
  }
  checkNames(name, 'counter', counters);
  checkNames(name, 'reason', reasons);
  checkNames(name, 'config field', Object.keys(config));
  checkSchema(name, config);
  checkPolicies(manifest);
}

function checkPolicies({ name, onError = 'drop', onShort = 'continue', superPackets = 'whole' }: Manifest): void {
  const check = (key: string, value: string, words: readonly string[]): void => {
    if (words.includes(value)) return;
    const known = words.map((word) => `'${word}'`).join(' or ');
    throw new TypeError(`Cannot use filter ${name}: ${key} must be ${known}, got ${JSON.stringify(value)}`);
  };
  check('onError', onError, ['drop', 'pass']);
  check('onShort', onShort, ['continue', 'drop']);
  check('superPackets', superPackets, ['whole', 'segments']);
}

const KEYS = ['name', 'config', 'counters', 'reasons', 'onError', 'onShort', 'superPackets', 'filter'];

/**
 * Looks for mistyped keys: an `onEror` that nobody hears would change what passes. Other keys are the filter's own state.
 *
 * @throws {TypeError} for a key that is nearly one that is known
 */
export function checkKeys(declaration: object): void {
  if ('when' in declaration) throw new TypeError("Cannot use a filter with 'when': put it beside, { when, filter }");
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
