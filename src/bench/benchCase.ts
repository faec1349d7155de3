import type { Effort } from './effort.ts';
import type { Programs } from './programs.ts';

/**
 * One thing that is measured: opened once, asked for one sample in each round, closed.
 *
 * A case is one small file that exports one of these; `functionCase`, `filterCase` and `pathCase` make the usual ones.
 */
export interface BenchCase {
  /** Unique in its group, and the same from version to version: baselines find it by this name. */
  readonly name: string;
  /** The least effort at which it is measured. Default `'quick'`: always. */
  readonly least?: Effort;
  /**
   * Makes it ready to be measured. Everything that it opens is closed by what it returns.
   *
   * @throws {Unavailable} when it cannot be measured here; the report says why
   */
  open(context: BenchContext): Contender | Promise<Contender>;
}

/** A case that stands ready. */
export interface Contender {
  /** Takes one sample; resolves when it is over, so that nothing of it disturbs the next case. */
  sample(): Sample | Promise<Sample>;
  close?(): void | Promise<void>;
}

/** Figures by the name of their metric. A metric that is left out was not measured in this round. */
export type Sample = Readonly<Record<string, number>>;

/** What a group measures of each of its cases. */
export interface Metric {
  readonly name: string;
  /** `'ns/packet'`, `'Gbit/s'`, … */
  readonly unit: string;
  readonly better: 'less' | 'more';
  /** Whether a change of it for the worse is a regression. Default: only of the group's first metric. */
  readonly isCompared?: boolean;
  /** Whether a quotient by the reference says something. Default true. */
  readonly hasRatio?: boolean;
}

/** Cases that are measured in turn, round by round, in one unit. */
export interface BenchGroup {
  /** Short, for the command line and for baselines: `'dissect'`. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** `'micro'` needs nothing but Node, `'live'` devices and namespaces. */
  readonly kind: 'micro' | 'live';
  /** The first one is the group's figure of merit. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** The case by which the others are divided, round by round, usually in C. Default: no ratios. */
  readonly reference?: string;
  readonly cases: readonly BenchCase[];
  /** Rounds at each effort, and how long one sample takes in milliseconds, roughly; times are foretold from it. */
  readonly size: Readonly<Record<Effort, GroupSize>>;
  /** The least effort at which it is measured, unless it is asked for by name. Default `'quick'`: always. */
  readonly least?: Effort;
  /** What one should know who reads the figures. */
  readonly notes?: readonly string[];
}

/** How much is done in a group. */
export interface GroupSize {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them that do not: until code is compiled, caches are filled and neighbours are known. Default 1. */
  readonly warmUps?: number;
  readonly sampleMs: number;
}

/** What a case may use. */
export interface BenchContext {
  readonly effort: Effort;
  /** How long one sample shall take, roughly. */
  readonly sampleMs: number;
  /** What generated traffic is generated from. */
  readonly seed: number;
  /** C programs, compiled when they are first wanted. */
  readonly programs: Programs;
  /** For files of a case, which removes them when it is closed; the folder goes with the run. */
  readonly folder: string;
  /** Aborts when the run is to end; what waits for a child should listen. */
  readonly signal: AbortSignal;
  /** Says what could not be measured beside the figures, once. */
  leftOut(reason: string): void;
}

/** Thrown by a case that cannot be measured on this machine; `message` says why. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
