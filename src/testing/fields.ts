import { inspect } from 'node:util';
import { suggest } from '../suggest.ts';

/** What each field may be: a number from 0 to a limit, one of some words, text, bytes, or (null) nothing at all. */
export type FieldLimits = Readonly<Record<string, number | readonly string[] | 'text' | 'bytes' | null>>;

/**
 * Checks the fields of a frame: a test with a mistyped field would test something else.
 *
 * @throws {TypeError} for an unknown field, or one of the wrong type
 * @throws {RangeError} for a number outside its field
 */
export function checkFields(builder: string, fields: object, limits: FieldLimits): void {
  for (const [name, value] of Object.entries(fields)) {
    const limit = Object.hasOwn(limits, name) ? limits[name] : null;
    if (limit === null || limit === undefined) {
      throw new TypeError(`${builder} has no field '${name}'${suggest(name, Object.keys(limits))}`);
    }
    if (value !== undefined) checkField(`${builder}: ${name}`, value, limit);
  }
}

function checkField(path: string, value: unknown, limit: NonNullable<FieldLimits[string]>): void {
  if (typeof limit === 'number') {
    if (typeof value !== 'number') throw new TypeError(`${path} must be a number, got ${inspect(value)}`);
    if (!Number.isInteger(value) || value < 0 || value > limit) {
      throw new RangeError(`${path} must be a whole number from 0 to ${limit}, got ${value}`);
    }
  } else if (limit === 'bytes') {
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new TypeError(`${path} must be text or a Uint8Array, got ${inspect(value)}`);
    }
  } else if (typeof value !== 'string') {
    throw new TypeError(`${path} must be text, got ${inspect(value)}`);
  } else if (limit !== 'text' && !limit.includes(value)) {
    throw new TypeError(`${path} must be ${limit.join(' or ')}, got ${inspect(value)}`);
  }
}

/** Writes a 16-bit number in network order. */
export function put16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes a 32-bit number in network order. */
export function put32(bytes: Uint8Array, offset: number, value: number): void {
  put16(bytes, offset, value >>> 16);
  put16(bytes, offset + 2, value & 0xffff);
}
