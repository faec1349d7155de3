import { inspect } from 'node:util';
import { type Prefix, prefix } from '../core/prefix.ts';
import { suggest } from '../suggest.ts';
import type { ConfigField, ConfigSchema } from './declaration.ts';

/** A value as a filter reads it. */
export type ConfigValue = number | boolean | Prefix;

/**
 * Checks a configuration against its schema and fills in the defaults.
 *
 * @param filter name for messages
 * @param portNumber resolves values of type `port`
 * @throws {TypeError} for an unknown field, a missing one, or one of the wrong type
 * @throws {RangeError} for a number outside its range, or a port that the line does not have
 */
export function readConfig(
  filter: string,
  schema: ConfigSchema,
  input: Readonly<Record<string, unknown>>,
  portNumber: (name: string) => number | undefined,
): Readonly<Record<string, ConfigValue>> {
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(schema, name)) {
      throw new TypeError(`Cannot configure ${filter}: it has no field '${name}'${suggest(name, Object.keys(schema))}`);
    }
  }
  const fields = Object.entries(schema).map(([name, field]) => {
    const given = own(input, name);
    const value = given === undefined ? field.default : given;
    if (value === undefined) throw new TypeError(`Cannot configure ${filter}: field '${name}' must be given`);
    return [name, readValue(`${filter}.${name}`, field, value, portNumber)] as const;
  });
  return Object.freeze(Object.fromEntries(fields));
}

/** A field may be called like something that every object inherits. */
function own(input: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(input, name) ? input[name] : undefined;
}

/**
 * Checks what a filter says of its configuration: types, ranges and defaults. Whether a port exists only its line knows.
 *
 * @throws {TypeError} for a type that does not exist, or a default of another type
 * @throws {RangeError} for a default outside its range
 */
export function checkSchema(filter: string, schema: ConfigSchema): void {
  for (const [name, field] of Object.entries(schema)) {
    if (!TYPES.includes(field.type)) {
      const type = inspect(field.type);
      throw new TypeError(
        `Cannot use filter ${filter}: config field '${name}' has type ${type}: use ${TYPES.join(', ')}`,
      );
    }
    if (field.default !== undefined) readValue(`${filter}.${name}`, field, field.default, () => 0);
  }
}

/**
 * Checks one value; whether a port exists only the line knows.
 *
 * @param path `FILTER.FIELD`, for messages
 * @throws {TypeError} for the wrong type
 * @throws {RangeError} for a number outside its range
 */
export function checkValue(path: string, field: ConfigField, value: unknown): void {
  readValue(path, field, value, () => 0);
}

function readValue(
  path: string,
  field: ConfigField,
  value: unknown,
  portNumber: (name: string) => number | undefined,
): ConfigValue {
  switch (field.type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(path, 'true or false', value);
      return value;
    case 'prefix':
      if (typeof value !== 'string') throw wrongType(path, 'a prefix as in 10.0.0.0/8', value);
      return prefix(value);
    case 'port': {
      if (typeof value !== 'string') throw wrongType(path, 'the name of a port', value);
      const number = portNumber(value);
      if (number === undefined) throw new RangeError(`Cannot set ${path}: the line has no port '${value}'`);
      return number;
    }
    default:
      return readNumber(path, field, value);
  }
}

const RANGES = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffffffff],
  i32: [-0x80000000, 0x7fffffff],
  f64: [-Number.MAX_VALUE, Number.MAX_VALUE],
} as const;

const TYPES: readonly string[] = [...Object.keys(RANGES), 'boolean', 'prefix', 'port'];

function readNumber(
  path: string,
  field: { type: keyof typeof RANGES; min?: number; max?: number },
  value: unknown,
): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrongType(path, 'a number', value);
  const [lowest, highest] = RANGES[field.type];
  const min = Math.max(lowest, field.min ?? lowest);
  const max = Math.min(highest, field.max ?? highest);
  const isWhole = field.type === 'f64' || Number.isInteger(value);
  if (!isWhole || value < min || value > max) {
    const kind = field.type === 'f64' ? 'a number' : 'a whole number';
    throw new RangeError(`Cannot set ${path} to ${value}: it must be ${kind} from ${min} to ${max}`);
  }
  return value;
}

function wrongType(path: string, expected: string, value: unknown): TypeError {
  return new TypeError(`Cannot set ${path} to ${inspect(value)}: expected ${expected}`);
}
