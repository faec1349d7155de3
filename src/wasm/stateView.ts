import type { StateField, StateManifest } from './stateManifest.ts';

/**
 * A filter's state as it is now, by the names of its manifest. Lists and tables are views: they show what the filter
 * writes, without a copy, as long as the filter is in its line. Who keeps them copies them.
 */
export type StateView = Readonly<Record<string, StateValue>>;

export type StateValue = number | bigint | StateArray | StateTable;

export type StateArray = Uint8Array | Uint16Array | Uint32Array | BigUint64Array | Int32Array | Float64Array;

/** A table of the filter library, which knows what lies where in its bytes. */
export interface StateTable {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly capacity: number | undefined;
  readonly keyBytes: number | undefined;
  readonly valueBytes: number | undefined;
}

export function viewState(buffer: ArrayBufferLike, address: number, { fields }: StateManifest): StateView {
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(buffer, address + field.offset, field)]));
}

function valueOf(buffer: ArrayBufferLike, at: number, field: StateField): StateValue {
  const { type, length, bytes, capacity, keyBytes, valueBytes } = field;
  const array = arrayOf(buffer, at, type, length ?? 1);
  if (array === undefined) return { type, bytes: new Uint8Array(buffer, at, bytes), capacity, keyBytes, valueBytes };
  return length === undefined ? (array[0] ?? 0) : array;
}

function arrayOf(buffer: ArrayBufferLike, at: number, type: string, length: number): StateArray | undefined {
  switch (type) {
    case 'u8':
      return new Uint8Array(buffer, at, length);
    case 'u16':
      return new Uint16Array(buffer, at, length);
    case 'u32':
      return new Uint32Array(buffer, at, length);
    case 'u64':
      return new BigUint64Array(buffer, at, length);
    case 'i32':
      return new Int32Array(buffer, at, length);
    case 'f64':
      return new Float64Array(buffer, at, length);
    default:
      return undefined;
  }
}
