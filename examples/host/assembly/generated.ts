// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { Prefix, configAddress, countersAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** IPv4 address of the host. */
  static get address(): Prefix {
    return changetype<Prefix>(configAddress() + 0);
  }
  /** IPv6 address of the host. */
  static get address6(): Prefix {
    return changetype<Prefix>(configAddress() + 36);
  }
  /** Last four bytes of its MAC; the first two are 02:00. */
  static get mac(): u32 {
    return load<u32>(configAddress(), 72);
  }
}

/** `counters.seen++` */
export class counters {
  static get arp(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set arp(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
  static get neighbor(): u64 {
    return load<u64>(countersAddress(), 8);
  }
  static set neighbor(value: u64) {
    store<u64>(countersAddress(), value, 8);
  }
  static get echo(): u64 {
    return load<u64>(countersAddress(), 16);
  }
  static set echo(value: u64) {
    store<u64>(countersAddress(), value, 16);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  notForUs = 1,
  notAnswered = 2,
}
