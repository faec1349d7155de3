// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { configAddress, countersAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** Hash of a zone, as zone.mjs makes it. 0: none. */
  static get zone1(): u32 {
    return load<u32>(configAddress(), 0);
  }
  /** Another one. */
  static get zone2(): u32 {
    return load<u32>(configAddress(), 4);
  }
  /** Another one. */
  static get zone3(): u32 {
    return load<u32>(configAddress(), 8);
  }
  /** Another one. */
  static get zone4(): u32 {
    return load<u32>(configAddress(), 12);
  }
}

/** `counters.seen++` */
export class counters {
  static get questions(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set questions(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
  static get sunk(): u64 {
    return load<u64>(countersAddress(), 8);
  }
  static set sunk(value: u64) {
    store<u64>(countersAddress(), value, 8);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  malformedDns = 1,
}
