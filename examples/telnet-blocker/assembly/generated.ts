// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { Prefix, configAddress, countersAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** TCP port that nobody shall reach. */
  static get port(): i32 {
    return load<u16>(configAddress(), 0);
  }
  /** Sources that may all the same. */
  static get trusted(): Prefix {
    return changetype<Prefix>(configAddress() + 4);
  }
}

/** `counters.seen++` */
export class counters {
  static get attempts(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set attempts(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  telnet = 1,
}
