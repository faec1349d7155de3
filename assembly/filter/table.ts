import { random } from './random.ts';
import {
  ENTRY_BYTES,
  ENTRY_OLDER,
  TABLE_BUCKETS,
  TABLE_BYTES,
  TABLE_CAPACITY,
  TABLE_COUNT,
  TABLE_EVICTIONS,
  TABLE_KEY_BYTES,
  TABLE_NEWEST,
  TABLE_VALUE_BYTES,
} from './tableLayout.ts';

/**
 * Entries by key in a fixed number of places, chained by hash, in the order of their use: when all places are taken, the
 * entry that was used longest ago gives way. All zero bytes are an empty table. Nothing is allocated, and no pointer but
 * indices is kept, so that the bytes may be moved to another address.
 *
 * ╒══════════════════════ Table ═══════════════════════╕
 * │ header                 64 B                         │
 * │ key to be looked for   keyBytes                     │
 * │ chains                 bucketCount × 4 B, padded    │   index + 1 of the first entry, 0: none
 * │ entries                capacity × stride            │   16 B, key, value
 * └─────────────────────────────────────────────────────┘
 */
@unmanaged
export class Table {
  /** Entries, at most; 0 until the table is first used. */
  capacity: u32;
  keyBytes: u32;
  valueBytes: u32;
  buckets: u32;
  /** Entries now. */
  count: u32;
  /** Index + 1 of the entry used last, and of the one used longest ago; 0: none. */
  newest: u32;
  oldest: u32;
  /** Places that were ever taken; those behind are untouched. */
  used: u32;
  /** Index + 1 of the first place that was given back; they are chained by `next`. */
  free: u32;
  /** KEY_* of a flow table. */
  kind: u32;
  /** Makes chains unpredictable to those who send packets. */
  salt: u64;
  /** Entries that gave way. */
  evictions: u64;

  /** Address of the key to be looked for. */
  get key(): usize {
    return changetype<usize>(this) + TABLE_BYTES;
  }

  /** Hash of the key to be looked for. */
  hash(): u32 {
    let mixed = this.salt;
    for (let at: u32 = 0; at < this.keyBytes; at += 8) {
      mixed = (mixed ^ load<u64>(this.key + at)) * 0x9e3779b97f4a7c15;
      mixed ^= mixed >> 32;
    }
    return <u32>mixed;
  }

  /** Finds the entry of the key. Returns the address of its value; 0 when there is none. */
  find(hash: u32): usize {
    const index = this.lookUp(hash);
    if (index == 0) return 0;
    this.touch(index);
    return this.valueOf(index);
  }

  /** As `find`, and makes an entry with a value of zeros when there is none. */
  obtain(hash: u32): usize {
    const found = this.find(hash);
    if (found) return found;
    const index = this.takePlace();
    const entry = this.entry(index);
    entry.hash = hash;
    memory.copy(this.keyOf(index), this.key, this.keyBytes);
    memory.fill(this.valueOf(index), 0, this.valueBytes);
    const chain = this.chain(hash);
    entry.next = load<u32>(chain);
    store<u32>(chain, index);
    this.linkNewest(index);
    this.count++;
    return this.valueOf(index);
  }

  /** Removes the entry of the key. Returns whether there was one. */
  remove(hash: u32): bool {
    const index = this.lookUp(hash);
    if (index == 0) return false;
    this.drop(index);
    this.entry(index).next = this.free;
    this.free = index;
    return true;
  }

  clear(): void {
    memory.fill(this.chain(0), 0, this.buckets << 2);
    this.count = 0;
    this.newest = 0;
    this.oldest = 0;
    this.used = 0;
    this.free = 0;
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  private lookUp(hash: u32): u32 {
    let index = load<u32>(this.chain(hash));
    while (index != 0) {
      const entry = this.entry(index);
      if (entry.hash == hash && this.hasKey(index)) return index;
      index = entry.next;
    }
    return 0;
  }

  private hasKey(index: u32): bool {
    const key = this.keyOf(index);
    for (let at: u32 = 0; at < this.keyBytes; at += 8) {
      if (load<u64>(key + at) != load<u64>(this.key + at)) return false;
    }
    return true;
  }

  private takePlace(): u32 {
    if (this.free != 0) {
      const index = this.free;
      this.free = this.entry(index).next;
      return index;
    }
    if (this.used < this.capacity) return ++this.used;
    const index = this.oldest;
    this.drop(index);
    this.evictions++;
    return index;
  }

  /** Takes an entry out of its chain and out of the order. */
  private drop(index: u32): void {
    const entry = this.entry(index);
    let link = this.chain(entry.hash);
    while (load<u32>(link) != index) link = changetype<usize>(this.entry(load<u32>(link)));
    store<u32>(link, entry.next);
    this.unlink(index);
    this.count--;
  }

  private touch(index: u32): void {
    if (this.newest == index) return;
    this.unlink(index);
    this.linkNewest(index);
  }

  private unlink(index: u32): void {
    const entry = this.entry(index);
    if (entry.newer != 0) this.entry(entry.newer).older = entry.older;
    else this.newest = entry.older;
    if (entry.older != 0) this.entry(entry.older).newer = entry.newer;
    else this.oldest = entry.newer;
  }

  private linkNewest(index: u32): void {
    const entry = this.entry(index);
    entry.newer = 0;
    entry.older = this.newest;
    if (this.newest != 0) this.entry(this.newest).newer = index;
    else this.oldest = index;
    this.newest = index;
  }

  /** Address of the head of the chain. */
  private chain(hash: u32): usize {
    return this.key + this.keyBytes + ((hash & (this.buckets - 1)) << 2);
  }

  private entry(index: u32): Entry {
    const entries = this.key + this.keyBytes + (this.buckets << 2);
    return changetype<Entry>(entries + (index - 1) * (ENTRY_BYTES + this.keyBytes + this.valueBytes));
  }

  private keyOf(index: u32): usize {
    return changetype<usize>(this.entry(index)) + ENTRY_BYTES;
  }

  private valueOf(index: u32): usize {
    return this.keyOf(index) + this.keyBytes;
  }
}

/** What stands before the key of an entry. */
@unmanaged
class Entry {
  /** Index + 1 of the next in the chain; must come first: it is reached like the head of a chain. */
  next: u32;
  newer: u32;
  older: u32;
  hash: u32;
}

/** The table at `address`, made when it is not yet one of these sizes. They are multiples of 8. */
export function tableAt(address: usize, capacity: u32, keyBytes: u32, valueBytes: u32): Table {
  const table = changetype<Table>(address);
  if (table.capacity == capacity && table.keyBytes == keyBytes && table.valueBytes == valueBytes) return table;
  table.capacity = capacity;
  table.keyBytes = keyBytes;
  table.valueBytes = valueBytes;
  table.buckets = bucketCount(capacity);
  table.salt = random();
  table.clear();
  return table;
}

/** The power of two that is not below the capacity, at least 2. */
function bucketCount(capacity: u32): u32 {
  return capacity < 3 ? 2 : 1 << (32 - <u32>clz(capacity - 1));
}

if (
  <i32>offsetof<Table>() > TABLE_BYTES ||
  offsetof<Table>('capacity') != TABLE_CAPACITY ||
  offsetof<Table>('keyBytes') != TABLE_KEY_BYTES ||
  offsetof<Table>('valueBytes') != TABLE_VALUE_BYTES ||
  offsetof<Table>('buckets') != TABLE_BUCKETS ||
  offsetof<Table>('count') != TABLE_COUNT ||
  offsetof<Table>('newest') != TABLE_NEWEST ||
  offsetof<Table>('evictions') != TABLE_EVICTIONS ||
  offsetof<Entry>() != ENTRY_BYTES ||
  offsetof<Entry>('next') != 0 ||
  offsetof<Entry>('older') != ENTRY_OLDER
) {
  ERROR('Table differs from tableLayout.ts');
}
