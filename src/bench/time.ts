import type { BenchGroup } from './benchCase.ts';
import { type Effort, reaches } from './effort.ts';

/** Opening, settling and closing a case with devices takes about so long; one without next to nothing. */
const OPEN_SECONDS = { micro: 0.1, live: 0.7 } as const;
/** Between two samples: children are told and answer. */
const TURN_SECONDS = { micro: 0, live: 0.03 } as const;
/** A machine that is slower, or shared, gets so much more time than was foretold before rounds are cut. */
const PATIENCE = 1.7;

/** Groups that are measured at an effort when none is asked for by name. */
export function groupsAt(groups: readonly BenchGroup[], effort: Effort): BenchGroup[] {
  return groups.filter(({ least }) => reaches(effort, least));
}

/** How long a group takes, in seconds, on a machine that is neither slow nor busy. */
export function expectedSeconds(group: BenchGroup, effort: Effort): number {
  const cases = group.cases.filter(({ least }) => reaches(effort, least)).length;
  const { rounds, warmUps = 1, sampleMs } = group.size[effort];
  const turn = sampleMs / 1000 + TURN_SECONDS[group.kind];
  return cases * (OPEN_SECONDS[group.kind] + (rounds + warmUps) * turn);
}

/** After so many seconds no further round of a group is begun. */
export function limitSeconds(group: BenchGroup, effort: Effort): number {
  return expectedSeconds(group, effort) * PATIENCE + 2;
}
