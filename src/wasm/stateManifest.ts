import { STATE_LIMIT_BYTES } from '../../assembly/abi.ts';
import { isRecord, text, whole } from './json.ts';
import { refuse } from './refusal.ts';

/** The state that a filter keeps, and what lies where in it. */
export interface StateManifest {
  readonly version: number;
  readonly bytes: number;
  readonly fields: readonly StateField[];
}

export interface StateField {
  readonly name: string;
  /** `u8` … `f64`, or the name of a table of the filter library. */
  readonly type: string;
  readonly offset: number;
  /** Numbers, where it is an array of them. */
  readonly length: number | undefined;
  /** Bytes that it takes. */
  readonly bytes: number;
  /** Of a table. */
  readonly capacity: number | undefined;
  readonly keyBytes: number | undefined;
  readonly valueBytes: number | undefined;
}

/** Bytes of each type that is a number. */
export const NUMBER_BYTES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8, i32: 4, f64: 8 };

const VERSION_LIMIT = 0x7fffffff;
const FIELD_LIMIT = 256;

export function readState(value: unknown): StateManifest {
  if (!isRecord(value)) return refuse('its state must be { version, bytes, fields }');
  const bytes = whole(value, 'bytes', undefined, 0, STATE_LIMIT_BYTES);
  const fields = value['fields'] ?? [];
  if (!Array.isArray(fields) || fields.length > FIELD_LIMIT) return refuse('the fields of its state must be a list');
  const read = fields.map((field: unknown) => readField(field, bytes));
  const names = new Set(read.map(({ name }) => name));
  if (names.size < read.length) refuse('its state has two fields of one name');
  return { version: whole(value, 'version', undefined, 0, VERSION_LIMIT), bytes, fields: read };
}

function readField(value: unknown, stateBytes: number): StateField {
  if (!isRecord(value)) return refuse('a field of its state must be { name, type, offset }');
  const name = text(value, 'name');
  const type = text(value, 'type');
  const offset = whole(value, 'offset', undefined, 0, stateBytes);
  const each = Object.hasOwn(NUMBER_BYTES, type) ? NUMBER_BYTES[type] : undefined;
  const optional = (key: string): number | undefined =>
    Object.hasOwn(value, key) ? whole(value, key, undefined, 0, stateBytes) : undefined;
  const length = optional('length');
  const bytes = each === undefined ? (optional('bytes') ?? stateBytes - offset) : each * (length ?? 1);
  if (offset + bytes > stateBytes) refuse(`state field '${name}' ends behind the state's ${stateBytes} bytes`);
  if (each !== undefined && offset % each !== 0) refuse(`state field '${name}' is not aligned to its ${each} bytes`);
  const table = { capacity: optional('capacity'), keyBytes: optional('keyBytes'), valueBytes: optional('valueBytes') };
  return { name, type, offset, length, bytes, ...table };
}
