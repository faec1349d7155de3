import { inspect } from 'node:util';
import type { Arena } from '../core/arena.ts';
import type { Batch } from '../core/batch.ts';
import type { StageNames } from '../core/stageReader.ts';
import { StageTable } from '../core/stageTable.ts';
import { type ChainItem, toItem } from '../filter/guarded.ts';
import type { BindCopy, FilterSource, Guard, Handover, Stage, StageHost } from '../filter/stage.ts';
import { TaplineError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import type { FilterChain } from './line.ts';
import type { FilterSummary } from './summary.ts';

/** What the chain must know of its line. */
export interface ChainHost {
  readonly arena: Arena;
  readonly batch: Batch;
  portNumber(name: string): number | undefined;
  portName(number: number): string;
  log(message: string): void;
  readonly bindCopy: BindCopy;
  /** Hears that a filter failed soon behind its exchange, and that the one before is back. */
  wentBack?(name: string, before: string): void;
  /** Hears that a filter has come or gone, and with it its row in the arena. */
  changed?(): void;
}

/** Which rows of the arena belong to which filters. */
export interface ChainRows {
  readonly stages: StageNames;
  /** In the order of the chain; filters that only stand by are not among them. */
  readonly filters: readonly { readonly name: string; readonly row: number }[];
}

/** A filter in the chain. */
interface Entry {
  readonly name: string;
  readonly source: FilterSource;
  readonly stage: Stage;
  /** Picks the packets that it sees; undefined: all. */
  readonly guard: Guard | undefined;
  /** Row in the arena's table of stages. */
  readonly row: number;
  /** The filter that it replaced, as long as that may be called back. */
  standby: Entry | undefined;
  /** It, and those behind it, see no super-packets. */
  readonly wantsSegments: boolean;
}

/** So long a filter that was replaced is kept, in case the new one fails. */
const PROBATION_MS = 5000;

const FAILURE_LOG_INTERVAL_MS = 1000;

/** The filters of a line, in order. The list is replaced, never changed, so a batch sees one list to its end. */
export class Chain implements FilterChain {
  readonly #host: ChainHost;
  readonly #table: StageTable;
  #entries: readonly Entry[] = [];
  /** The list that the batch at hand sees; undefined between batches. */
  #judged: readonly Entry[] | undefined;
  /** Place in it of the filter that judges next. */
  #next = 0;
  #isClosed = false;
  /** What waits for the end of the batch. */
  #later: (() => void)[] = [];
  /** Ends the probation of those that replaced others; one timer for all. */
  #probation: NodeJS.Timeout | undefined;

  constructor(host: ChainHost, filters: readonly ChainItem[]) {
    this.#host = host;
    this.#table = new StageTable(host.arena.view);
    try {
      for (const filter of filters) this.add(filter);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Which filter has which row: for a `StageReader` in another thread. It changes with `add`, `remove`, `replace`. */
  stageNames(): StageNames {
    return this.#table.names();
  }

  /**
   * Begins a batch: lets the filters judge its active packets, up to the first one that wants segments.
   *
   * @param afterStage called after each filter, when its outcomes were taken in
   * @returns packets that are still active
   */
  judge(count: number, now: number, afterStage: () => void): number {
    this.#judged = this.#entries;
    this.#next = 0;
    const active = this.#judgeOn(count, now, afterStage, true);
    if (active === 0) this.#next = this.#judged.length;
    return active;
  }

  /** Whether a filter waits for `judgeSegments`. */
  get wantsSegments(): boolean {
    return this.#judged !== undefined && this.#next < this.#judged.length;
  }

  /** Lets the filters behind judge the active packets of the batch, or of a portion of it, without super-packets. */
  judgeSegments(count: number, now: number, afterStage: () => void): void {
    const first = this.#next;
    this.#judgeOn(count, now, afterStage, false);
    this.#next = first;
  }

  /** The batch was judged: what waited for that takes place. */
  endBatch(): void {
    this.#judged = undefined;
    if (this.#later.length > 0) this.#runLater();
  }

  #judgeOn(count: number, now: number, afterStage: () => void, endsAtSegments: boolean): number {
    const entries = this.#judged ?? [];
    let active = count;
    for (; this.#next < entries.length && active > 0; this.#next++) {
      const entry = entries[this.#next];
      if (entry === undefined || (endsAtSegments && entry.wantsSegments)) break;
      active = this.#judgeBy(entry, active, now, afterStage);
    }
    return active;
  }

  /** What a guard keeps from its filter stands among the others again behind it. */
  #judgeBy({ stage, guard, row }: Entry, active: number, now: number, afterStage: () => void): number {
    const seen = guard === undefined ? active : guard.split(active);
    let left = 0;
    if (seen > 0) {
      stage.judge(seen, now);
      left = this.#host.batch.settle(row, seen);
      afterStage();
    }
    return seen === active ? left : this.#host.batch.merge(left, active - seen);
  }

  get names(): readonly string[] {
    return this.#entries.map(({ name }) => name);
  }

  add(filter: ChainItem, { before }: { readonly before?: string } = {}): string {
    const index = before === undefined ? this.#entries.length : this.#indexOf(before);
    const entry = this.#open(filter);
    this.#entries = this.#entries.toSpliced(index, 0, entry);
    this.#host.changed?.();
    return entry.name;
  }

  replace(name: string, filter: ChainItem): string {
    const index = this.#indexOf(name);
    const old = this.#entries[index];
    const entry = this.#open(filter, old);
    this.#entries = this.#entries.with(index, entry);
    if (old === undefined) return entry.name;
    this.#dismiss(old);
    entry.standby = old;
    this.#table.setLeaving(old.row, true);
    clearTimeout(this.#probation);
    this.#probation = setTimeout(this.#endProbation, PROBATION_MS).unref();
    this.#host.changed?.();
    return entry.name;
  }

  /** Takes back the exchange of a filter, as long as the one before stands by. Returns the name of that one. */
  revert(name: string): string {
    const entry = this.#entries[this.#indexOf(name)];
    if (entry?.standby === undefined)
      throw new RangeError(`Cannot take back the exchange of '${name}': it is too late`);
    return this.#callBack(entry, entry.standby);
  }

  remove(name: string): void {
    const index = this.#indexOf(name);
    const old = this.#entries[index];
    this.#entries = this.#entries.toSpliced(index, 1);
    if (old === undefined) return;
    this.#dismiss(old);
    this.#retire(old);
  }

  configure(name: string, config: Readonly<Record<string, unknown>>): void {
    const entry = this.#entries[this.#indexOf(name)];
    this.#betweenBatches(() => entry?.stage.configure(config));
  }

  state(name: string): Readonly<Record<string, unknown>> | undefined {
    return this.#entries[this.#indexOf(name)]?.stage.state?.();
  }

  /** Dropped packets by reason, those of filters that have left included. */
  reasons(): Map<string, number> {
    return this.#table.reasons();
  }

  /** Where the counters of each filter lie, for a reader in another thread. */
  rows(): ChainRows {
    return { stages: this.stageNames(), filters: this.#entries.map(({ name, row }) => ({ name, row })) };
  }

  /** Name of a reason by its place in the line's table. */
  reasonName(place: number): string {
    return this.#table.reasonName(place);
  }

  summaries(): FilterSummary[] {
    return this.#entries.map(({ name, stage, row }) => ({
      name,
      ...this.#table.counts(row),
      reasons: this.#table.reasonsOf(row),
      counters: stage.counters(),
    }));
  }

  /** Closes every filter, also when one of them fails; throws what the first one threw. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#probation);
    this.endBatch();
    const failures: unknown[] = [];
    const standbys = this.#entries.flatMap(({ standby }) => standby ?? []);
    for (const { stage } of [...this.#entries, ...standbys]) {
      try {
        stage.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #open(filter: ChainItem, replaced?: Entry): Entry {
    if (this.#isClosed) throw new TaplineError('LINE_CLOSED', 'Cannot change the filters: the line was closed');
    const { source, guard } = toItem(filter);
    const name = this.#freeName(source.manifest.name, replaced?.name);
    const row = this.#table.take(source.manifest, source.limits, replaced?.row);
    try {
      const host: StageHost = {
        arena: this.#host.arena,
        batch: this.#host.batch,
        stage: row,
        portNumber: (port) => this.#host.portNumber(port),
        portName: (number) => this.#host.portName(number),
        reportFailure: this.#failureReporter(name, row),
        log: (message) => {
          this.#host.log(message);
        },
        bindCopy: this.#host.bindCopy,
      };
      const openGuard = guard?.open(host);
      const wantsSegments = source.manifest.superPackets === 'segments';
      const stage = source.open(host, replaced && this.#handover(replaced));
      return { name, source, stage, guard: openGuard, row, standby: undefined, wantsSegments };
    } catch (error) {
      this.#table.release(row);
      throw error;
    }
  }

  #handover({ stage }: Entry): Handover {
    return { previous: stage, recentPackets: this.#judged === undefined ? this.#host.batch.count : 0 };
  }

  /** Nobody calls back what it replaced. */
  #dismiss(entry: Entry): void {
    if (entry.standby !== undefined) this.#retire(entry.standby);
    entry.standby = undefined;
  }

  readonly #endProbation = (): void => {
    for (const entry of this.#entries) this.#dismiss(entry);
  };

  /** A filter that fails soon behind its exchange makes room for the one before. */
  #goBack(row: number): void {
    const entry = this.#entries.find((one) => one.row === row);
    const old = entry?.standby;
    if (entry === undefined || old === undefined) return;
    this.#callBack(entry, old);
    this.#host.log(`filter ${entry.name} failed soon after it was put in place of ${old.name}, which is back`);
    this.#host.wentBack?.(entry.name, old.name);
  }

  #callBack(entry: Entry, old: Entry): string {
    entry.standby = undefined;
    this.#table.setLeaving(old.row, false);
    this.#table.setLeaving(entry.row, true);
    this.#entries = this.#entries.with(this.#entries.indexOf(entry), old);
    this.#retire(entry);
    return old.name;
  }

  #retire({ stage, row }: Entry): void {
    this.#betweenBatches(() => {
      this.#table.release(row);
      this.#host.changed?.();
      stage.close();
    });
  }

  /** Now, or when the batch that is being judged has ended: only a filter itself can call from inside of one. */
  #betweenBatches(change: () => void): void {
    if (this.#judged !== undefined) this.#later.push(change);
    else change();
  }

  #runLater(): void {
    const changes = this.#later;
    this.#later = [];
    for (const change of changes) {
      try {
        change();
      } catch (error) {
        this.#host.log(`cannot change a filter: ${textOf(error)}`);
      }
    }
  }

  #indexOf(name: string): number {
    const index = this.#entries.findIndex((entry) => entry.name === name);
    if (index < 0) throw new RangeError(`There is no filter '${name}'${suggest(name, this.names)}`);
    return index;
  }

  #freeName(name: string, replacing: string | undefined): string {
    const taken = new Set(this.names.filter((other) => other !== replacing));
    if (!taken.has(name)) return name;
    let number = 2;
    while (taken.has(`${name}#${number}`)) number++;
    return `${name}#${number}`;
  }

  #failureReporter(name: string, row: number): (error: unknown) => void {
    let silentUntil = 0;
    let unsaid = 0;
    return (error) => {
      this.#goBack(row);
      const now = performance.now();
      if (now < silentUntil) {
        unsaid++;
        return;
      }
      const others = unsaid === 0 ? '' : ` (and ${unsaid} more since the last report)`;
      silentUntil = now + FAILURE_LOG_INTERVAL_MS;
      unsaid = 0;
      this.#host.log(`filter ${name} failed: ${textOf(error)}${others}`);
    };
  }
}

/** A filter may throw anything, also what has no text. Where our own code threw is of no interest. */
function textOf(error: unknown): string {
  try {
    if (error instanceof TaplineError) return error.message;
    return inspect(error);
  } catch {
    return 'it threw something that cannot be shown';
  }
}
