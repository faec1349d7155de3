import * as T from '../../assembly/filter/tableLayout.ts';
import type { StateDeclaration, StateField, ValueFields, ValueType } from './declaration.ts';

// Where the fields of the state lie.

const NUMBER_BYTES = { u8: 1, u16: 2, u32: 4, u64: 8, i32: 4, f64: 8 } as const;

/** Bytes of the key that a table compares. */
const KEY_BYTES = {
  flow: T.PAIR_KEY_BYTES,
  pair: T.PAIR_KEY_BYTES,
  source: T.ADDRESS_KEY_BYTES,
  destination: T.ADDRESS_KEY_BYTES,
  number: T.NUMBER_KEY_BYTES,
} as const;

/** One field of the state with its place. */
export interface PlacedField {
  readonly name: string;
  readonly field: StateField;
  readonly offset: number;
  readonly bytes: number;
}

/** One field of a table's value with its place. */
export interface PlacedValue {
  readonly name: string;
  readonly type: ValueType;
  readonly offset: number;
}

/** Lays the state out in the order declared: numbers aligned to their size, tables to 64. */
export function stateLayout(state: StateDeclaration | undefined): { bytes: number; fields: readonly PlacedField[] } {
  let end = 0;
  const fields = Object.entries(state?.fields ?? {}).map(([name, field]) => {
    const bytes = fieldBytes(field);
    const offset = align(end, alignmentOf(field));
    end = offset + bytes;
    return { name, field, offset, bytes };
  });
  return { bytes: align(end, 64), fields };
}

/** Lays the value of a table out. */
export function valueLayout(value: ValueFields): { bytes: number; fields: readonly PlacedValue[] } {
  let end = 0;
  const fields = Object.entries(value).map(([name, type]) => {
    const bytes = type === 'TokenBucket' ? T.TOKEN_BUCKET_BYTES : NUMBER_BYTES[type];
    const offset = align(end, Math.min(bytes, 8));
    end = offset + bytes;
    return { name, type, offset };
  });
  return { bytes: align(end, 8), fields };
}

/** Bytes of a table's key. */
export function keyBytes(field: StateField & { readonly type: 'LruMap' | 'FlowTable' }): number {
  return KEY_BYTES[field.type === 'FlowTable' ? field.key : 'number'];
}

/** Heads of chains in a table of this capacity: a power of two. */
export function bucketCount(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
}

function fieldBytes(field: StateField): number {
  if (field.type === 'TokenBucket') return T.TOKEN_BUCKET_BYTES;
  if (field.type === 'PrefixTable') return T.PREFIX_TABLE_BYTES + (2 * field.capacity + 2) * T.PREFIX_NODE_BYTES;
  if (field.type !== 'LruMap' && field.type !== 'FlowTable') return NUMBER_BYTES[field.type] * (field.length ?? 1);
  const stride = T.ENTRY_BYTES + keyBytes(field) + valueLayout(field.value).bytes;
  const chains = align(bucketCount(field.capacity) * 4, 8);
  return T.TABLE_BYTES + keyBytes(field) + chains + field.capacity * stride;
}

function alignmentOf(field: StateField): number {
  if (field.type === 'TokenBucket') return 8;
  return field.type in NUMBER_BYTES ? NUMBER_BYTES[field.type as keyof typeof NUMBER_BYTES] : 64;
}

function align(offset: number, bytes: number): number {
  return Math.ceil(offset / bytes) * bytes;
}
