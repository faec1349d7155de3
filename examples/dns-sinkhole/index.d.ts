// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** Hash of a zone, as zone.mjs makes it. 0: none. u32. Default 0. */
  readonly zone1?: number;
  /** Another one. u32. Default 0. */
  readonly zone2?: number;
  /** Another one. u32. Default 0. */
  readonly zone3?: number;
  /** Another one. u32. Default 0. */
  readonly zone4?: number;
}

export type Counter = 'questions' | 'sunk';
export type Reason = 'malformedDns';

/** `filters: [dnsSinkhole({ … })]` */
declare const dnsSinkhole: (config?: Config) => FilterSource;
export default dnsSinkhole;
