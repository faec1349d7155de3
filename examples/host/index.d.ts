// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** IPv4 address of the host. prefix. Default "10.0.0.2/32". */
  readonly address?: string;
  /** IPv6 address of the host. prefix. Default "fd00::2/128". */
  readonly address6?: string;
  /** Last four bytes of its MAC; the first two are 02:00. u32. Default 2. */
  readonly mac?: number;
}

export type Counter = 'arp' | 'neighbor' | 'echo';
export type Reason = 'notForUs' | 'notAnswered';

/** `filters: [host({ … })]` */
declare const host: (config?: Config) => FilterSource;
export default host;
