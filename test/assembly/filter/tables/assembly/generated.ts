// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import {
  FlowTable,
  LruMap,
  Prefix,
  PrefixTable,
  TokenBucket,
  configAddress,
  flowTable,
  lruMap,
  prefixTable,
  stateAddress,
} from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  static get operation(): u32 {
    return load<u32>(configAddress(), 0);
  }
  static get key(): u32 {
    return load<u32>(configAddress(), 4);
  }
  static get rate(): u32 {
    return load<u32>(configAddress(), 8);
  }
  static get burst(): u32 {
    return load<u32>(configAddress(), 12);
  }
  static get cost(): u32 {
    return load<u32>(configAddress(), 16);
  }
  static get prefix(): Prefix {
    return changetype<Prefix>(configAddress() + 20);
  }
}

@unmanaged
export class SmallList {
  get length(): i32 {
    return 3;
  }
  get(index: i32): u8 {
    return load<u8>(this.address(index));
  }
  set(index: i32, value: u8): void {
    store<u8>(this.address(index), value);
  }
  private address(index: i32): usize {
    if (<u32>index >= 3) unreachable();
    return changetype<usize>(this) + index * sizeof<u8>();
  }
}

/** An entry of `state.map`. */
@unmanaged
export class MapEntry {
  get hits(): u32 {
    return load<u32>(changetype<usize>(this), 0);
  }
  set hits(value: u32) {
    store<u32>(changetype<usize>(this), value, 0);
  }
  get last(): u64 {
    return load<u64>(changetype<usize>(this), 8);
  }
  set last(value: u64) {
    store<u64>(changetype<usize>(this), value, 8);
  }
}

/** An entry of `state.flows`. */
@unmanaged
export class FlowsEntry {
  get packets(): u64 {
    return load<u64>(changetype<usize>(this), 0);
  }
  set packets(value: u64) {
    store<u64>(changetype<usize>(this), value, 0);
  }
  get limit(): TokenBucket {
    return changetype<TokenBucket>(changetype<usize>(this) + 8);
  }
}

/** An entry of `state.sources`. */
@unmanaged
export class SourcesEntry {
  get packets(): u8 {
    return load<u8>(changetype<usize>(this), 0);
  }
  set packets(value: u8) {
    store<u8>(changetype<usize>(this), value, 0);
  }
}

/** An entry of `state.pairs`. */
@unmanaged
export class PairsEntry {
  get packets(): u64 {
    return load<u64>(changetype<usize>(this), 0);
  }
  set packets(value: u64) {
    store<u64>(changetype<usize>(this), value, 0);
  }
}

/** What outlives a batch. All zeros at first. */
export class state {
  static get result(): u64 {
    return load<u64>(stateAddress(), 0);
  }
  static set result(value: u64) {
    store<u64>(stateAddress(), value, 0);
  }
  static get extra(): u64 {
    return load<u64>(stateAddress(), 8);
  }
  static set extra(value: u64) {
    store<u64>(stateAddress(), value, 8);
  }
  static get bucket(): TokenBucket {
    return changetype<TokenBucket>(stateAddress() + 16);
  }
  static get small(): SmallList {
    return changetype<SmallList>(stateAddress() + 32);
  }
  static get map(): LruMap<MapEntry> {
    return lruMap<MapEntry>(stateAddress() + 64, 5, 16);
  }
  static get flows(): FlowTable<FlowsEntry> {
    return flowTable<FlowsEntry>(stateAddress() + 384, 6, 0, 24);
  }
  static get sources(): FlowTable<SourcesEntry> {
    return flowTable<SourcesEntry>(stateAddress() + 1024, 3, 2, 8);
  }
  static get pairs(): FlowTable<PairsEntry> {
    return flowTable<PairsEntry>(stateAddress() + 1280, 100, 1, 8);
  }
  static get prefixes(): PrefixTable {
    return prefixTable(stateAddress() + 8320, 12);
  }
}
