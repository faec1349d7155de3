import type { StageCounts } from './stageTable.ts';

/** Which filter has which row and reasons; a message from the thread that runs the filters. */
export interface StageNames {
  readonly rows: readonly StageRowNames[];
  /** Drops of filters that have left, by reason. */
  readonly retired: readonly (readonly [reason: string, count: number])[];
}

/** Names of one row of the table. */
export interface StageRowNames {
  readonly row: number;
  readonly name: string;
  readonly reasons: readonly string[];
  /** Place of its first reason. */
  readonly base: number;
}

/** Reads the counters that the core keeps in an arena, from another thread than the one that runs it, or after its end. */
export declare class StageReader {
  /** @param view the whole arena */
  constructor(view: DataView);
  /** Takes over what `StageTable.names()` of the other thread said. Send it whenever a row is taken or released. */
  setNames(names: StageNames): void;
  /** The rows that are taken, as last told. */
  readonly rows: readonly StageRowNames[];
  /** Counters of a row. */
  counts(row: number): StageCounts;
  /** Drops of one filter by the reasons it declared; only those that occurred. */
  reasonsOf(row: number): Record<string, number>;
  /** Drops of the whole line by reason; only those that occurred. */
  reasons(): Map<string, number>;
}
