import type { BenchCase, BenchGroup } from '../benchCase.ts';
import { NS_PER_PACKET } from './functionCase.ts';

/** What is told of a group of functions. */
export interface MicroGroupOptions extends Pick<BenchGroup, 'reference' | 'least' | 'notes'> {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly BenchCase[];
}

/** Functions that are timed in turn, in nanoseconds per packet. */
export function microGroup(options: MicroGroupOptions): BenchGroup {
  return {
    ...options,
    kind: 'micro',
    metrics: [NS_PER_PACKET],
    size: {
      quick: { rounds: 7, sampleMs: 15 },
      default: { rounds: 25, sampleMs: 30 },
      full: { rounds: 61, sampleMs: 60 },
    },
  };
}
