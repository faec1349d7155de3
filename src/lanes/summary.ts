import type { Summary } from '../pipeline/summary.ts';

/**
 * What all lanes of a line have done. `read + made = forwarded + dropped + lost + merged + held`, in each lane and in their
 * sum. `reasons` has `laneLost` for packets that were in a lane when its worker died.
 */
export interface LanesSummary extends Summary {
  /** By number. */
  readonly lanes: readonly LaneSummary[];
}

/** What one lane has done, workers that were replaced included. */
export interface LaneSummary {
  /** Number of its queue on every port, from 0. */
  readonly lane: number;
  readonly read: number;
  readonly made: number;
  readonly forwarded: number;
  readonly dropped: number;
  readonly lost: number;
  readonly held: number;
  /** Workers that took the place of one that died. */
  readonly restarts: number;
  /** How much of its time the worker was busy, 0 to 1, until now or until the line ended. */
  readonly load: number;
}
