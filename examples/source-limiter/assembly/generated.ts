// Made of filter.json by `tapline build` and by the compiler transform: changes are lost.
import { FlowTable, Prefix, TokenBucket, configAddress, countersAddress, flowTable, stateAddress } from 'tapline/assembly/filter';

/** What the user of the filter has set. */
export class config {
  /** Of each source address. */
  static get packetsPerSecond(): u32 {
    return load<u32>(configAddress(), 0);
  }
  /** Packets that may come at once. */
  static get burst(): u32 {
    return load<u32>(configAddress(), 4);
  }
  /** Sources without a limit. */
  static get free(): Prefix {
    return changetype<Prefix>(configAddress() + 8);
  }
}

/** `counters.seen++` */
export class counters {
  static get limited(): u64 {
    return load<u64>(countersAddress(), 0);
  }
  static set limited(value: u64) {
    store<u64>(countersAddress(), value, 0);
  }
}

/** `packet.drop(Reason.name)` */
export enum Reason {
  tooFast = 1,
}

/** An entry of `state.sources`. */
@unmanaged
export class SourcesEntry {
  get bucket(): TokenBucket {
    return changetype<TokenBucket>(changetype<usize>(this) + 0);
  }
  get passed(): u64 {
    return load<u64>(changetype<usize>(this), 16);
  }
  set passed(value: u64) {
    store<u64>(changetype<usize>(this), value, 16);
  }
  get dropped(): u64 {
    return load<u64>(changetype<usize>(this), 24);
  }
  set dropped(value: u64) {
    store<u64>(changetype<usize>(this), value, 24);
  }
}

/** What outlives a batch. All zeros at first. */
export class state {
  static get sources(): FlowTable<SourcesEntry> {
    return flowTable<SourcesEntry>(stateAddress() + 0, 8192, 2, 32);
  }
}
