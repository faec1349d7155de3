// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { configAddress, countersAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** TTL, or hop limit, that packets leave with. */
  static get ttl(): i32 {
    return load<u8>(configAddress(), 0);
  }
  /** Packets that came with less are dropped. */
  static get minimum(): i32 {
    return load<u8>(configAddress(), 1);
  }
}

/** `counters.seen++` */
export class counters {
  static get rewritten(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set rewritten(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  expired = 1,
}
