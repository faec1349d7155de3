import { Table, tableAt } from './table.ts';
import { NUMBER_KEY_BYTES } from './tableLayout.ts';

/**
 * Values by a number, in a fixed number of places: when all are taken, the one that was used longest ago gives way.
 * Declared in filter.json as `{ "type": "LruMap", "capacity": 1024, "value": { … } }`.
 */
@unmanaged
export class LruMap<Value> {
  /** Entries now. */
  get count(): i32 {
    return this.table.count;
  }

  /** Entries that gave way. */
  get evictions(): u64 {
    return this.table.evictions;
  }

  /** The value of a key, or null. Counts as a use. Valid until the next `obtain`. */
  find(key: u64): Value | null {
    return changetype<Value | null>(this.table.find(this.lookFor(key)));
  }

  /** The value of a key; made of zeros when there is none. */
  obtain(key: u64): Value {
    return changetype<Value>(this.table.obtain(this.lookFor(key)));
  }

  /** Returns whether there was one. */
  remove(key: u64): bool {
    return this.table.remove(this.lookFor(key));
  }

  clear(): void {
    this.table.clear();
  }

  private lookFor(key: u64): u32 {
    store<u64>(this.table.key, key);
    return this.table.hash();
  }

  private get table(): Table {
    return changetype<Table>(this);
  }
}

/** For the generated file. */
export function lruMap<Value>(address: usize, capacity: u32, valueBytes: u32): LruMap<Value> {
  return changetype<LruMap<Value>>(tableAt(address, capacity, NUMBER_KEY_BYTES, valueBytes));
}
