import { PREFIX_ADDRESS, PREFIX_MASK, PREFIX_VERSION } from '../abi.ts';

/** A prefix of the configuration, for `packet.sourceIn` and `packet.destinationIn`. */
@unmanaged
export class Prefix {
  /** 4 or 6. */
  get version(): i32 {
    return load<u32>(changetype<usize>(this), PREFIX_VERSION);
  }

  /** Word `index` of the address, as it is loaded: in network order. */
  word(index: i32): u32 {
    return load<u32>(changetype<usize>(this) + (index << 2), PREFIX_ADDRESS);
  }

  /** Word `index` of the mask. */
  mask(index: i32): u32 {
    return load<u32>(changetype<usize>(this) + (index << 2), PREFIX_MASK);
  }

  /** Bits of the mask. */
  get length(): i32 {
    let bits = 0;
    for (let index = 0; index < 4; index++) bits += <i32>popcnt(this.mask(index));
    return bits;
  }

  /** Whether the address of this version at `address` lies in the prefix. */
  holds(address: usize): bool {
    const words = this.version == 4 ? 1 : 4;
    for (let index = 0; index < words; index++) {
      if ((load<u32>(address + (index << 2)) ^ this.word(index)) & this.mask(index)) return false;
    }
    return true;
  }
}
