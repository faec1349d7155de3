import * as L from '../../assembly/layout.ts';
import { BUILT_IN_REASONS } from './names.ts';
import { reasonAddress, stageAddress } from './stageAddress.ts';
import { type StageCounts, type StageNames, StageReader, addTo } from './stageReader.ts';

export type { StageCounts } from './stageReader.ts';

/** What the table must know of a filter. */
export interface StageClaim {
  readonly name: string;
  readonly reasons?: readonly string[];
  readonly onError?: 'drop' | 'pass';
  readonly onShort?: 'drop' | 'continue';
}

/** What a filter may do to frames, and what of them it sees. */
export interface StageLimits {
  readonly writes: boolean;
  /** Bytes of each frame that it sees. */
  readonly window: number;
  /** Bytes that it may push. */
  readonly headroom: number;
  /** What a packet gets of which it asked for bytes behind the window. */
  readonly onOutside: 'drop' | 'continue';
}

/** A filter that sees whole frames, where they lie. */
const NO_LIMITS: StageLimits = { writes: true, window: 0xffffffff, headroom: 0xffff, onOutside: 'continue' };

/** Rows and reasons that a filter has in the arena's tables. */
interface Row {
  readonly row: number;
  readonly name: string;
  readonly reasons: readonly string[];
  /** Number of its first reason. */
  readonly base: number;
  /** Whether another filter has taken its place, and it only waits to be called back. */
  isLeaving: boolean;
}

/** The arena's tables of stages and reasons: gives out rows, and reads the counters that the core keeps there. */
export class StageTable {
  readonly #view: DataView;
  readonly #reader: StageReader;
  readonly #rows: (Row | undefined)[] = Array<undefined>(L.STAGE_COUNT).fill(undefined);
  /** Names of all reasons, by place. */
  readonly #names: string[] = [...BUILT_IN_REASONS];
  /** Drops of filters that have left. */
  readonly #retired = new Map<string, number>();

  constructor(view: DataView) {
    this.#view = view;
    this.#reader = new StageReader(view);
  }

  /**
   * Gives a filter a row of its own, all counters 0.
   *
   * @param replacing row of the filter whose place it takes; that one does not count any more
   * @throws {RangeError} when the line has too many filters or reasons
   */
  take(claim: StageClaim, limits: StageLimits = NO_LIMITS, replacing = -1): number {
    const { name, reasons = [] } = claim;
    const staying = this.#rows.filter((row, number) => row?.isLeaving === false && number !== replacing);
    const row = this.#rows.indexOf(undefined);
    if (row < 0 || staying.length >= L.FILTER_COUNT) {
      throw new RangeError(`Cannot add filter ${name}: a line has ${L.FILTER_COUNT} filters at most`);
    }
    const declared = staying.reduce((total, other) => total + (other?.reasons.length ?? 0), L.REASON_BUILT_IN_COUNT);
    const base = this.#freeReasons(reasons.length);
    if (declared + reasons.length > L.LINE_REASON_COUNT || base + reasons.length > L.REASON_COUNT) {
      throw new RangeError(`Cannot add filter ${name}: a line has ${L.LINE_REASON_COUNT} reasons at most`);
    }
    this.#rows[row] = { row, name, reasons, base, isLeaving: false };
    reasons.forEach((reason, i) => (this.#names[base + i] = reason));
    this.#write(stageAddress(row), base, claim, limits);
    this.#reader.setNames(this.names());
    return row;
  }

  #write(address: number, base: number, { reasons = [], onError, onShort }: StageClaim, limits: StageLimits): void {
    const view = this.#view;
    for (let byte = 0; byte < L.STAGE_BYTES; byte++) view.setUint8(address + byte, 0);
    view.setUint16(address + L.STAGE_REASON_BASE, base, true);
    view.setUint16(address + L.STAGE_REASON_COUNT, reasons.length, true);
    view.setUint8(address + L.STAGE_ON_ERROR, onError === 'pass' ? L.VERDICT_CONTINUE : L.VERDICT_DROP);
    view.setUint8(address + L.STAGE_ON_SHORT, missPolicy(onShort));
    view.setUint8(address + L.STAGE_ON_OUTSIDE, missPolicy(limits.onOutside));
    view.setUint8(address + L.STAGE_WRITES, limits.writes ? 1 : 0);
    view.setUint32(address + L.STAGE_WINDOW, limits.window, true);
    view.setUint32(address + L.STAGE_HEADROOM, limits.headroom, true);
  }

  /** Says whether the filter of a row has been replaced, and only waits to be called back. */
  setLeaving(row: number, isLeaving: boolean): void {
    this.#row(row).isLeaving = isLeaving;
  }

  /** Takes a row back; its drops stay in the line's totals. */
  release(row: number): void {
    for (const [name, count] of Object.entries(this.reasonsOf(row))) addTo(this.#retired, name, count);
    const { reasons, base } = this.#row(row);
    reasons.forEach((_, i) => {
      this.#view.setBigUint64(reasonAddress(base + i), 0n, true);
    });
    this.#rows[row] = undefined;
    this.#reader.setNames(this.names());
  }

  /** Which rows there are: for a `StageReader` in another thread. Ask again after each `take` and `release`. */
  names(): StageNames {
    const rows = this.#rows.filter((row) => row !== undefined);
    return {
      rows: rows.map(({ row, name, reasons, base }) => ({ row, name, reasons: [...reasons], base })),
      retired: [...this.#retired],
    };
  }

  counts(row: number): StageCounts {
    return this.#reader.counts(row);
  }

  /** Name of the reason at a place of the table. */
  reasonName(place: number): string {
    return this.#names[place] ?? '';
  }

  /** Drops of one filter by the reasons it declared; only those that occurred. */
  reasonsOf(row: number): Record<string, number> {
    return this.#reader.reasonsOf(this.#row(row));
  }

  /** Drops of the whole line by reason; only those that occurred. */
  reasons(): Map<string, number> {
    return this.#reader.reasons();
  }

  /** First fit between the ranges that are in use. */
  #freeReasons(count: number): number {
    let base = L.REASON_BUILT_IN_COUNT;
    const used = this.#rows.filter((row) => row !== undefined).sort((a, b) => a.base - b.base);
    for (const row of used) {
      if (row.base - base >= count) break;
      base = Math.max(base, row.base + row.reasons.length);
    }
    return base;
  }

  #row(number: number): Row {
    const row = this.#rows[number];
    if (row === undefined) throw new RangeError(`There is no stage ${number}`);
    return row;
  }
}

function missPolicy(policy: 'drop' | 'continue' | undefined): number {
  return policy === 'drop' ? L.VERDICT_DROP : L.VERDICT_CONTINUE;
}
