import { suggest } from '../suggest.ts';

/**
 * Refuses options that nobody reads: a misspelt one would otherwise be silently without effect.
 *
 * @throws {TypeError} naming the nearest known option
 */
export function checkOptionNames(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(`Unknown option ${name}${suggest(name, known) || `: known are ${known.join(', ')}`}`);
  }
}
