import { inspect } from 'node:util';
import { refuse } from './refusal.ts';

// Fields of a manifest, which anybody may have written.

export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number that must be whole and in range. */
export function whole(json: Json, key: string, byDefault: number | undefined, min: number, max: number): number {
  const value = Object.hasOwn(json, key) ? json[key] : byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(`its ${key} must be a whole number from ${min} to ${max}, got ${inspect(value)}`);
}

/** One of several words; the first is the default. */
export function oneOf<Word extends string>(json: Json, key: string, words: readonly [Word, ...Word[]]): Word {
  const value = Object.hasOwn(json, key) ? json[key] : words[0];
  const found = words.find((word) => word === value);
  return found ?? refuse(`its ${key} must be ${words.map((word) => `'${word}'`).join(' or ')}, got ${inspect(value)}`);
}

export function flag(json: Json, key: string): boolean {
  const value = Object.hasOwn(json, key) ? json[key] : false;
  return typeof value === 'boolean' ? value : refuse(`its ${key} must be true or false, got ${inspect(value)}`);
}

const TEXT_LIMIT = 64;

export function text(json: Json, key: string): string {
  const value = json[key];
  if (typeof value === 'string' && value !== '' && value.length <= TEXT_LIMIT) return value;
  return refuse(`its ${key} must be a text of 1 to ${TEXT_LIMIT} characters, got ${inspect(value)}`);
}
