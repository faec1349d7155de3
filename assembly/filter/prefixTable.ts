import { Prefix } from './prefix.ts';
import { Packet } from './packet.ts';
import { PREFIX_NODE_BYTES, PREFIX_TABLE_BYTES } from './tableLayout.ts';

/**
 * Values by IPv4 and IPv6 prefix; the longest prefix that holds an address wins. A trie of bits with one node for each
 * fork and each prefix (Morrison 1968, "PATRICIA"). Declared in filter.json as `{ "type": "PrefixTable", "capacity": 64 }`.
 *
 * ╒═══════════════ PrefixTable ═══════════════╕
 * │ header           64 B                      │
 * │ nodes            (2 × capacity + 2) × 32 B │   the first two are the roots of IPv4 and IPv6
 * └────────────────────────────────────────────┘
 */
@unmanaged
export class PrefixTable {
  /** Prefixes, at most; 0 until the table is first used. */
  capacity: u32;
  /** Prefixes now. */
  count: u32;
  /** Nodes in use behind the two roots. */
  used: u32;

  /**
   * Gives a prefix a value, or another one. Returns false when the table is full.
   *
   * @param value from 1; 0 stands for none
   */
  set(prefix: Prefix, value: u32): bool {
    const length = prefix.length;
    const bits = changetype<usize>(prefix) + 4;
    let node = this.root(prefix.version);
    for (;;) {
      if (node.length == length) return this.setValue(node, value);
      const link = node.link(bitAt(bits, node.length));
      const child = this.nodeAt(load<u32>(link));
      if (child === null) return this.addLeaf(link, bits, length, value);
      const common = commonBits(bits, child.bits, min(length, child.length));
      if (common == child.length) {
        node = child;
        continue;
      }
      return this.fork(link, child, common, bits, length, value);
    }
  }

  /** The value of the longest prefix that holds the source address; 0: none. */
  source(packet: Packet): u32 {
    return this.ofField(packet, packet.sourceAddressField);
  }

  /** The value of the longest prefix that holds the destination address; 0: none. */
  destination(packet: Packet): u32 {
    return this.ofField(packet, packet.destinationAddressField);
  }

  /** The value for the address of `version` at `address`, in network order; 0: none. */
  find(version: i32, address: usize): u32 {
    const most = version == 6 ? 128 : 32;
    let node: PrefixNode | null = this.root(version);
    let value: u32 = 0;
    while (node !== null) {
      if (commonBits(address, node.bits, node.length) < node.length) return value;
      if (node.value != 0) value = node.value;
      if (node.length == most) return value;
      node = this.nodeAt(load<u32>(node.link(bitAt(address, node.length))));
    }
    return value;
  }

  clear(): void {
    memory.fill(changetype<usize>(this.root(4)), 0, (this.used + 2) * PREFIX_NODE_BYTES);
    this.count = 0;
    this.used = 0;
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  private ofField(packet: Packet, offset: i32): u32 {
    if (offset < 0) return 0;
    const version = packet.isIpv6 ? 6 : 4;
    const address = packet.field(offset, version == 6 ? 16 : 4);
    return address == 0 ? 0 : this.find(version, address);
  }

  private setValue(node: PrefixNode, value: u32): bool {
    if (node.value == 0) {
      if (this.count == this.capacity) return false;
      this.count++;
    }
    node.value = value;
    return true;
  }

  private addLeaf(link: usize, bits: usize, length: i32, value: u32): bool {
    if (this.count == this.capacity) return false;
    store<u32>(link, this.add(bits, length));
    return this.setValue(this.last(), value);
  }

  /** Puts a node above `child` where the two part; the new prefix is that node, or hangs on it. */
  private fork(link: usize, child: PrefixNode, common: i32, bits: usize, length: i32, value: u32): bool {
    if (this.count == this.capacity) return false;
    const below = load<u32>(link);
    store<u32>(link, this.add(bits, common));
    const node = this.last();
    store<u32>(node.link(bitAt(child.bits, common)), below);
    if (common == length) return this.setValue(node, value);
    return this.addLeaf(node.link(bitAt(bits, common)), bits, length, value);
  }

  /** Returns the number of a new node. */
  private add(bits: usize, length: i32): u32 {
    this.used++;
    const node = this.last();
    memory.copy(node.bits, bits, 16);
    node.length = length;
    return this.used;
  }

  private last(): PrefixNode {
    return changetype<PrefixNode>(changetype<usize>(this.root(6)) + this.used * PREFIX_NODE_BYTES);
  }

  private root(version: i32): PrefixNode {
    return changetype<PrefixNode>(
      changetype<usize>(this) + PREFIX_TABLE_BYTES + (version == 6 ? PREFIX_NODE_BYTES : 0),
    );
  }

  /** Node `number`, counted from 1 behind the roots; null for 0. */
  private nodeAt(number: u32): PrefixNode | null {
    if (number == 0) return null;
    return changetype<PrefixNode>(changetype<usize>(this.root(6)) + number * PREFIX_NODE_BYTES);
  }
}

@unmanaged
class PrefixNode {
  address0: u64;
  address1: u64;
  length: i32;
  value: u32;
  /** Numbers of the nodes that go on with a 0 bit and with a 1 bit. */
  zero: u32;
  one: u32;

  get bits(): usize {
    return changetype<usize>(this);
  }

  /** Address of the number of the node that goes on with this bit. */
  link(bit: u32): usize {
    return changetype<usize>(this) + offsetof<PrefixNode>('zero') + (bit << 2);
  }
}

/** Bit `index` of an address in network order. */
function bitAt(address: usize, index: i32): u32 {
  return (load<u8>(address + (index >> 3)) >> (<u8>7 - <u8>(index & 7))) & 1;
}

/** How many of the first `limit` bits are the same. */
function commonBits(left: usize, right: usize, limit: i32): i32 {
  for (let at = 0; at < limit; at += 32) {
    const differing = bswap(load<u32>(left + (at >> 3)) ^ load<u32>(right + (at >> 3)));
    if (differing) return min(at + <i32>clz(differing), limit);
  }
  return limit;
}

/** For the generated file. */
export function prefixTable(address: usize, capacity: u32): PrefixTable {
  const table = changetype<PrefixTable>(address);
  if (table.capacity == 0) table.capacity = capacity;
  return table;
}

if (offsetof<PrefixNode>() != PREFIX_NODE_BYTES) ERROR('PrefixTable differs from tableLayout.ts');
