// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** Of each source address. u32. Default 1000. */
  readonly packetsPerSecond?: number;
  /** Packets that may come at once. u32, from 1. Default 100. */
  readonly burst?: number;
  /** Sources without a limit. prefix. Default "fe80::/10". */
  readonly free?: string;
}

export type Counter = 'limited';
export type Reason = 'tooFast';

/** `filters: [sourceLimiter({ … })]` */
declare const sourceLimiter: (config?: Config) => FilterSource;
export default sourceLimiter;
