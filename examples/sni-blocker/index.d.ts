// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** Hash of a zone, as dns-sinkhole/zone.mjs makes it. u32. Must be given. */
  readonly zone: number;
  /** TCP port. u16. Default 443. */
  readonly port?: number;
}

export type Counter = 'hellos';
export type Reason = 'blockedName';

/** `filters: [sniBlocker({ … })]` */
declare const sniBlocker: (config?: Config) => FilterSource;
export default sniBlocker;
