import { KEY_FLOW, keyBytesOf, writeKey } from './flowKey.ts';
import { Packet } from './packet.ts';
import { Table, tableAt } from './table.ts';

/**
 * Values by what a packet belongs to, in a fixed number of places: when all are taken, the one that was used longest ago
 * gives way. Declared in filter.json as `{ "type": "FlowTable", "key": "flow", "capacity": 1024, "value": { … } }`; the
 * key is `flow` (addresses, ports and protocol, both directions together), `pair` (addresses), `source` or `destination`.
 * Flows are found by the hash of the descriptor, and told apart by their keys.
 */
@unmanaged
export class FlowTable<Value> {
  /** Entries now. */
  get count(): i32 {
    return this.table.count;
  }

  /** Entries that gave way. */
  get evictions(): u64 {
    return this.table.evictions;
  }

  /** The value for a packet, or null; null also of a packet without IP, which is marked short. Counts as a use. */
  find(packet: Packet): Value | null {
    if (!this.lookFor(packet)) return null;
    return changetype<Value | null>(this.table.find(this.hash(packet)));
  }

  /** The value for a packet; made of zeros when there is none. Null of a packet without IP, which is marked short. */
  obtain(packet: Packet): Value | null {
    if (!this.lookFor(packet)) return null;
    return changetype<Value | null>(this.table.obtain(this.hash(packet)));
  }

  /** Returns whether there was one. */
  remove(packet: Packet): bool {
    return this.lookFor(packet) && this.table.remove(this.hash(packet));
  }

  clear(): void {
    this.table.clear();
  }

  private lookFor(packet: Packet): bool {
    return writeKey(this.kind, packet, this.table.key);
  }

  private hash(packet: Packet): u32 {
    return this.kind == KEY_FLOW ? packet.flowHash : this.table.hash();
  }

  private get kind(): i32 {
    return this.table.kind;
  }

  private get table(): Table {
    return changetype<Table>(this);
  }
}

/** For the generated file. */
export function flowTable<Value>(address: usize, capacity: u32, kind: u32, valueBytes: u32): FlowTable<Value> {
  const table = tableAt(address, capacity, keyBytesOf(kind), valueBytes);
  table.kind = kind;
  return changetype<FlowTable<Value>>(table);
}
