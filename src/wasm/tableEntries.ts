import * as T from '../../assembly/filter/tableLayout.ts';
import type { StateTable } from './stateView.ts';

/** One entry of a table, as views: they show what the filter writes. Numbers in values are little-endian. */
export interface TableEntry {
  /** `docs/filter-library.md` says what lies where in the keys of flow tables. */
  readonly key: Uint8Array;
  readonly value: DataView;
}

/**
 * The entries of an `LruMap` or a `FlowTable` of a filter's state, the one used last first. Empty where the filter has not
 * yet used its table.
 *
 * @throws {TypeError} when it is another kind of table
 */
export function tableEntries({ type, bytes }: StateTable): TableEntry[] {
  if (type !== 'LruMap' && type !== 'FlowTable') throw new TypeError(`Cannot list the entries of a ${type}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (offset: number): number => view.getUint32(offset, true);
  const [keyBytes, valueBytes, buckets] = [T.TABLE_KEY_BYTES, T.TABLE_VALUE_BYTES, T.TABLE_BUCKETS].map(field) as [
    number,
    number,
    number,
  ];
  const entries = T.TABLE_BYTES + keyBytes + 4 * buckets;
  const stride = T.ENTRY_BYTES + keyBytes + valueBytes;
  const found: TableEntry[] = [];
  // What a filter wrote is believed as far as it lies inside; a circle would go on for ever.
  let left = Math.min(field(T.TABLE_COUNT), Math.floor(bytes.length / stride));
  for (let index = field(T.TABLE_NEWEST); index !== 0 && left > 0; left--) {
    const start = entries + (index - 1) * stride;
    if (start + stride > bytes.length) break;
    const key = start + T.ENTRY_BYTES;
    found.push({
      key: bytes.subarray(key, key + keyBytes),
      value: new DataView(bytes.buffer, bytes.byteOffset + key + keyBytes, valueBytes),
    });
    index = field(start + T.ENTRY_OLDER);
  }
  return found;
}
