// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { Prefix, configAddress, stateAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  static get action(): u32 {
    return load<u32>(configAddress(), 0);
  }
  static get offset(): i32 {
    return load<i32>(configAddress(), 4);
  }
  static get value(): u32 {
    return load<u32>(configAddress(), 8);
  }
  static get prefix(): Prefix {
    return changetype<Prefix>(configAddress() + 12);
  }
}

@unmanaged
export class ValuesList {
  get length(): i32 {
    return 64;
  }
  get(index: i32): u64 {
    return load<u64>(this.address(index));
  }
  set(index: i32, value: u64): void {
    store<u64>(this.address(index), value);
  }
  private address(index: i32): usize {
    if (<u32>index >= 64) unreachable();
    return changetype<usize>(this) + index * sizeof<u64>();
  }
}

/** What outlives a batch. All zeros at first. */
export class state {
  static get values(): ValuesList {
    return changetype<ValuesList>(stateAddress() + 0);
  }
}
