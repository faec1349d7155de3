// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** TTL, or hop limit, that packets leave with. u8, from 1. Default 64. */
  readonly ttl?: number;
  /** Packets that came with less are dropped. u8. Default 2. */
  readonly minimum?: number;
}

export type Counter = 'rewritten';
export type Reason = 'expired';

/** `filters: [ttlRewriter({ … })]` */
declare const ttlRewriter: (config?: Config) => FilterSource;
export default ttlRewriter;
