import { inspect } from 'node:util';
import { HEADROOM_LIMIT_BYTES, STATE_LIMIT_BYTES, WINDOW_LIMIT_BYTES } from '../../assembly/abi.ts';
import { checkManifest } from '../filter/checkManifest.ts';
import { suggest } from '../suggest.ts';
import type { Declaration, StateField } from './declaration.ts';
import { stateLayout } from './stateLayout.ts';

/** How a value is checked: a range of whole numbers, one of some texts, a boolean, or elsewhere. */
type Rule = readonly [number, number] | readonly string[] | 'boolean' | 'elsewhere';

/** Every key of filter.json; filter.schema.json says the same to editors. */
export const RULES: Readonly<Record<string, Rule>> = {
  $schema: 'elsewhere',
  name: 'elsewhere',
  config: 'elsewhere',
  counters: 'elsewhere',
  reasons: 'elsewhere',
  onError: ['drop', 'pass'],
  window: [14, WINDOW_LIMIT_BYTES],
  headroom: [0, HEADROOM_LIMIT_BYTES],
  writes: 'boolean',
  checksums: ['partial', 'complete'],
  superPackets: ['whole', 'segments'],
  onShort: ['continue', 'drop'],
  onOutside: ['continue', 'drop'],
  fuelPerPacket: [1, 100_000],
  memoryPages: [0, 1024],
  tickMilliseconds: [1, 3_600_000],
  breaker: 'elsewhere',
  heap: 'boolean',
  state: 'elsewhere',
};

const STATE_TYPES = ['u8', 'u16', 'u32', 'u64', 'i32', 'f64', 'TokenBucket', 'LruMap', 'FlowTable', 'PrefixTable'];
const FLOW_KEYS = ['flow', 'source', 'destination', 'pair'];
const VALUE_TYPES = STATE_TYPES.slice(0, 7);
/** Names become names in AssemblyScript. */
const IDENTIFIER = /^[A-Za-z_]\w{0,63}$/;

/**
 * Checks what filter.json says.
 *
 * @throws {TypeError} for what is missing, mistyped or unknown
 * @throws {RangeError} for a number outside its range
 */
export function checkDeclaration(declaration: unknown): asserts declaration is Declaration {
  if (!isObject(declaration)) throw new TypeError(`expected an object, got ${inspect(declaration)}`);
  checkKeys('', declaration, Object.keys(RULES));
  for (const [key, rule] of Object.entries(RULES)) {
    if (declaration[key] !== undefined) checkValue(key, rule, declaration[key]);
  }
  if (declaration['config'] !== undefined && !isObject(declaration['config'])) {
    throw new TypeError(`config must be an object, got ${inspect(declaration['config'])}`);
  }
  for (const [name, field] of Object.entries(declaration['config'] ?? {})) {
    if (isObject(field)) continue;
    throw new TypeError(`config.${name} must be an object as in { "type": "u16" }, got ${inspect(field)}`);
  }
  const checked = declaration as unknown as Declaration;
  checkManifest(checked);
  Object.keys(checked.config ?? {}).forEach((name) => {
    checkName('config', name);
  });
  checkBreaker(declaration['breaker']);
  if (declaration['state'] !== undefined) checkState(declaration['state'], checked);
}

function checkBreaker(breaker: unknown): void {
  if (breaker === undefined) return;
  if (!isObject(breaker)) throw new TypeError(`breaker must be an object, got ${inspect(breaker)}`);
  checkKeys('breaker.', breaker, ['traps', 'then']);
  if (breaker['traps'] !== undefined) checkValue('breaker.traps', [1, 1_000_000], breaker['traps']);
  if (breaker['then'] !== undefined) checkValue('breaker.then', ['bypass', 'closed', 'reload'], breaker['then']);
}

function checkState(state: unknown, declaration: Declaration): void {
  if (!isObject(state)) throw new TypeError(`state must be an object, got ${inspect(state)}`);
  checkKeys('state.', state, ['version', 'fields']);
  checkValue('state.version', [1, 0x7fffffff], state['version']);
  const { fields } = state;
  if (!isObject(fields)) throw new TypeError(`state.fields must be an object, got ${inspect(fields)}`);
  for (const [name, field] of Object.entries(fields)) {
    checkName('state', name);
    checkField(`state.fields.${name}`, field);
  }
  const { bytes } = stateLayout(declaration.state);
  if (bytes > STATE_LIMIT_BYTES) {
    throw new RangeError(`state needs ${bytes} bytes: at most ${STATE_LIMIT_BYTES} are possible`);
  }
}

function checkField(path: string, field: unknown): asserts field is StateField {
  if (!isObject(field)) throw new TypeError(`${path} must be an object as in { "type": "u64" }, got ${inspect(field)}`);
  checkValue(`${path}.type`, STATE_TYPES, field['type']);
  const type = String(field['type']);
  if (['LruMap', 'FlowTable'].includes(type)) {
    checkKeys(`${path}.`, field, ['type', 'capacity', 'value', ...(type === 'FlowTable' ? ['key'] : [])]);
    checkValue(`${path}.capacity`, [1, 1_000_000], field['capacity']);
    if (type === 'FlowTable') checkValue(`${path}.key`, FLOW_KEYS, field['key']);
    checkValueFields(`${path}.value`, field['value']);
  } else if (type === 'PrefixTable') {
    checkKeys(`${path}.`, field, ['type', 'capacity']);
    checkValue(`${path}.capacity`, [1, 100_000], field['capacity']);
  } else {
    checkKeys(`${path}.`, field, ['type', ...(type === 'TokenBucket' ? [] : ['length'])]);
    if (field['length'] !== undefined) checkValue(`${path}.length`, [1, 1_000_000], field['length']);
  }
}

function checkValueFields(path: string, value: unknown): void {
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw new TypeError(`${path} must name at least one field as in { "packets": "u64" }, got ${inspect(value)}`);
  }
  for (const [name, type] of Object.entries(value)) {
    checkName(path, name);
    checkValue(`${path}.${name}`, VALUE_TYPES, type);
  }
}

function checkKeys(path: string, object: Record<string, unknown>, known: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) throw new TypeError(`there is no '${path}${key}'${suggest(key, known)}`);
  }
}

function checkName(where: string, name: string): void {
  if (!IDENTIFIER.test(name)) {
    throw new TypeError(
      `${where} field '${name}' must be a letter or _, then letters, digits or _: it becomes a name in code`,
    );
  }
}

function checkValue(path: string, rule: Rule, value: unknown): void {
  if (rule === 'elsewhere') return;
  if (rule === 'boolean') {
    if (typeof value !== 'boolean') throw new TypeError(`${path} must be true or false, got ${inspect(value)}`);
  } else if (isRange(rule)) {
    const [min, max] = rule;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw new TypeError(`${path} must be a whole number from ${min} to ${max}, got ${inspect(value)}`);
    }
    if (value < min || value > max) throw new RangeError(`${path} is ${value}: it must be from ${min} to ${max}`);
  } else if (typeof value !== 'string' || !rule.includes(value)) {
    const hint = typeof value === 'string' ? suggest(value, rule) : '';
    throw new TypeError(`${path} must be ${rule.map((text) => `"${text}"`).join(', ')}, got ${inspect(value)}${hint}`);
  }
}

function isRange(rule: readonly [number, number] | readonly string[]): rule is readonly [number, number] {
  return typeof rule[0] === 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
