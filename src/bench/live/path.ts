import type { BenchContext } from '../benchCase.ts';
import type { Effort } from '../effort.ts';
import type { Hosts } from './hosts.ts';

/** A way for frames from one host to another: a line, a program in C, the kernel itself. */
export interface PathKind {
  /** Name of the case. */
  readonly name: string;
  /** The least effort at which it is measured. Default `'quick'`. */
  readonly least?: Effort;
  /** Whether it can stand still until it is told to relay what waits for it. */
  readonly canWait: boolean;
  /** @throws {Unavailable} when there can be none here */
  open(context: BenchContext, options: PathOptions): Promise<Path>;
}

export interface PathOptions {
  /** Offloads of both devices, or of each. */
  readonly offloads: Offloads | Readonly<Record<'left' | 'right', Offloads>>;
  /** Stand still, and relay so many frames at each `relay()`; only where `canWait`. Default: relay all the time. */
  readonly count?: number;
}

/** Offloads of a device. */
export type Offloads = 'all' | 'none';

/** The offloads of each device. */
export function offloadsOfBoth(offloads: PathOptions['offloads']): Readonly<Record<'left' | 'right', Offloads>> {
  return typeof offloads === 'string' ? { left: offloads, right: offloads } : offloads;
}

/** A path that stands. */
export interface Path {
  readonly hosts: Hosts;
  /** The process that relays; undefined: the kernel does it, and nobody's time can be told apart. */
  readonly pid: number | undefined;
  /** Relays `count` frames that wait at the left device; they have all been written when it resolves. */
  relay(): Promise<RelayTime>;
  /** Ends it, the hosts included. */
  close(): Promise<void>;
}

/** What the frames took, in nanoseconds. */
export interface RelayTime {
  readonly wallNs: number;
  /** CPU time of the relaying process, the kernel's work for it included. */
  readonly cpuNs: number;
}

/** Reads what a relaying process answers when it was told to go. */
export function parseRelayTime(line: string): RelayTime {
  const [wallNs = Number.NaN, cpuNs = Number.NaN] = line.trim().split(/\s+/).map(Number);
  if (!(wallNs > 0) || !(cpuNs >= 0)) throw new Error(`A relay answered ${JSON.stringify(line)}`);
  return { wallNs, cpuNs };
}
