import * as L from '../../assembly/layout.ts';
import { BUILT_IN_REASONS } from './names.ts';
import { reasonAddress, stageAddress } from './stageAddress.ts';

/** What `settle` counted for one filter. */
export interface StageCounts {
  /** Packets that it saw. */
  readonly packets: number;
  readonly accepted: number;
  readonly dropped: number;
  readonly reflected: number;
  readonly redirected: number;
  readonly mirrored: number;
  readonly modified: number;
  /** Packets of which it read a field that they do not have. */
  readonly short: number;
  /** Packets of which it read a field that lies behind its window. */
  readonly outside: number;
  /** Packets for which it threw or trapped. */
  readonly failed: number;
}

/** Names of one row of the table. */
export interface StageRow {
  readonly row: number;
  readonly name: string;
  readonly reasons: readonly string[];
  /** Place of its first reason. */
  readonly base: number;
}

/**
 * Which filter has which row and reasons. It changes when a filter comes or goes, never with a packet, and can be sent to
 * another thread as it is.
 */
export interface StageNames {
  readonly rows: readonly StageRow[];
  /** Drops of filters that have left, by reason. */
  readonly retired: readonly (readonly [reason: string, count: number])[];
}

/**
 * Reads the counters that the core keeps in an arena: in the thread that runs it, in another one, or after the end of that
 * thread. Each is exact; several that are read while packets move need not fit together.
 */
export class StageReader {
  readonly #view: DataView;
  #names: StageNames = { rows: [], retired: [] };

  /** @param view the whole arena */
  constructor(view: DataView) {
    this.#view = view;
  }

  /** Takes over what `StageTable.names()` said, in whatever thread. */
  setNames(names: StageNames): void {
    this.#names = names;
  }

  /** The rows that are taken, as last told. */
  get rows(): readonly StageRow[] {
    return this.#names.rows;
  }

  /** Counters of a row. */
  counts(row: number): StageCounts {
    const read = (field: number) => this.#count(stageAddress(row) + field);
    return {
      packets: read(L.STAGE_PACKETS),
      accepted: read(L.STAGE_ACCEPTED),
      dropped: read(L.STAGE_DROPPED),
      reflected: read(L.STAGE_REFLECTED),
      redirected: read(L.STAGE_REDIRECTED),
      mirrored: read(L.STAGE_MIRRORED),
      modified: read(L.STAGE_MODIFIED),
      short: read(L.STAGE_SHORT),
      outside: read(L.STAGE_OUTSIDE),
      failed: read(L.STAGE_FAILED),
    };
  }

  /** Drops of one filter by the reasons it declared; only those that occurred. */
  reasonsOf({ reasons, base }: Pick<StageRow, 'reasons' | 'base'>): Record<string, number> {
    const counts = reasons.map((name, i) => [name, this.#count(reasonAddress(base + i))] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  /** Drops of the whole line by reason; only those that occurred. */
  reasons(): Map<string, number> {
    const total = new Map(this.#names.retired);
    BUILT_IN_REASONS.forEach((name, i) => {
      addTo(total, name, this.#count(reasonAddress(i)));
    });
    for (const row of this.#names.rows) {
      for (const [name, count] of Object.entries(this.reasonsOf(row))) addTo(total, name, count);
    }
    return total;
  }

  #count(address: number): number {
    return Number(this.#view.getBigUint64(address, true));
  }
}

/** Adds to a count by name, where there is something to add. */
export function addTo(counts: Map<string, number>, name: string, count: number): void {
  if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
}
