// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { configAddress, countersAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** Hash of a zone, as dns-sinkhole/zone.mjs makes it. */
  static get zone(): u32 {
    return load<u32>(configAddress(), 0);
  }
  /** TCP port. */
  static get port(): i32 {
    return load<u16>(configAddress(), 4);
  }
}

/** `counters.seen++` */
export class counters {
  static get hellos(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set hellos(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  blockedName = 1,
}
