// Made of filter.json by `tapline build`: changes are lost.
import type { FilterSource } from 'tapline';

/** What can be set. */
export interface Config {
  /** TCP port that nobody shall reach. u16. Default 23. */
  readonly port?: number;
  /** Sources that may all the same. prefix. Default "127.0.0.0/8". */
  readonly trusted?: string;
}

export type Counter = 'attempts';
export type Reason = 'telnet';

/** `filters: [telnetBlocker({ … })]` */
declare const telnetBlocker: (config?: Config) => FilterSource;
export default telnetBlocker;
