import * as L from '../../assembly/layout.ts';
import { BUILT_IN_REASONS } from './names.ts';

/** What the table must know of a filter. */
export interface StageClaim {
  readonly name: string;
  readonly reasons?: readonly string[];
  readonly onError?: 'drop' | 'pass';
}

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
  /** Packets for which it threw. */
  readonly failed: number;
}

/** Rows and reasons that a filter has in the arena's tables. */
interface Row {
  readonly reasons: readonly string[];
  /** Number of its first reason. */
  readonly base: number;
}

/** The arena's tables of stages and reasons: gives out rows, and reads the counters that the core keeps there. */
export class StageTable {
  readonly #view: DataView;
  readonly #rows: (Row | undefined)[] = Array<undefined>(L.STAGE_COUNT).fill(undefined);
  /** Drops of filters that have left. */
  readonly #retired = new Map<string, number>();

  constructor(view: DataView) {
    this.#view = view;
  }

  /**
   * Gives a filter a row of its own, all counters 0.
   *
   * @throws {RangeError} when the line has too many filters or reasons
   */
  take({ name, reasons = [], onError = 'drop' }: StageClaim): number {
    const row = this.#rows.indexOf(undefined);
    if (row < 0) throw new RangeError(`Cannot add filter ${name}: a line has ${L.STAGE_COUNT} filters at most`);
    const base = this.#freeReasons(reasons.length);
    if (base + reasons.length > L.REASON_COUNT) {
      throw new RangeError(`Cannot add filter ${name}: a line has ${L.REASON_COUNT} reasons at most`);
    }
    this.#rows[row] = { reasons, base };
    const address = rowAddress(row);
    for (let byte = 0; byte < L.STAGE_BYTES; byte++) this.#view.setUint8(address + byte, 0);
    this.#view.setUint16(address + L.STAGE_REASON_BASE, base, true);
    this.#view.setUint16(address + L.STAGE_REASON_COUNT, reasons.length, true);
    this.#view.setUint8(address + L.STAGE_ON_ERROR, onError === 'pass' ? L.VERDICT_CONTINUE : L.VERDICT_DROP);
    return row;
  }

  /** Takes a row back; its drops stay in the line's totals. */
  release(row: number): void {
    for (const [name, count] of Object.entries(this.reasonsOf(row))) addTo(this.#retired, name, count);
    const { reasons, base } = this.#row(row);
    reasons.forEach((_, i) => {
      this.#view.setBigUint64(reasonAddress(base + i), 0n, true);
    });
    this.#rows[row] = undefined;
  }

  counts(row: number): StageCounts {
    const read = (field: number) => this.#count(rowAddress(row) + field);
    return {
      packets: read(L.STAGE_PACKETS),
      accepted: read(L.STAGE_ACCEPTED),
      dropped: read(L.STAGE_DROPPED),
      reflected: read(L.STAGE_REFLECTED),
      redirected: read(L.STAGE_REDIRECTED),
      mirrored: read(L.STAGE_MIRRORED),
      modified: read(L.STAGE_MODIFIED),
      short: read(L.STAGE_SHORT),
      failed: read(L.STAGE_FAILED),
    };
  }

  /** Drops of one filter by the reasons it declared; only those that occurred. */
  reasonsOf(row: number): Record<string, number> {
    const { reasons, base } = this.#row(row);
    const counts = reasons.map((name, i) => [name, this.#count(reasonAddress(base + i))] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }

  /** Drops of the whole line by reason; only those that occurred. */
  reasons(): Map<string, number> {
    const total = new Map(this.#retired);
    BUILT_IN_REASONS.forEach((name, i) => {
      addTo(total, name, this.#count(reasonAddress(i)));
    });
    this.#rows.forEach((row, number) => {
      if (row === undefined) return;
      for (const [name, count] of Object.entries(this.reasonsOf(number))) addTo(total, name, count);
    });
    return total;
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

  #count(address: number): number {
    return Number(this.#view.getBigUint64(address, true));
  }
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
}

function rowAddress(row: number): number {
  return L.STAGES_OFFSET + row * L.STAGE_BYTES;
}

function reasonAddress(reason: number): number {
  return L.REASONS_OFFSET + reason * L.REASON_BYTES;
}
