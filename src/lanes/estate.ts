import { StageReader } from '../core/stageReader.ts';
import type { Loan } from '../engine/lent/lent.ts';
import type { Remains } from '../engine/lent/remains.ts';
import type { LentParts } from '../pipeline/assemble.ts';
import type { ChainRows } from '../pipeline/chain.ts';
import { type EngineWish, devicesOf } from '../pipeline/engine.ts';
import { type HandedPort, takeOver } from '../pipeline/handedPort.ts';
import { lendEngine } from '../pipeline/lentEngine.ts';
import { layoutOf } from '../pipeline/pools.ts';
import type { Summary } from '../pipeline/summary.ts';
import { talliesIn, tallyMemory } from '../pipeline/tally.ts';
import { type LastCounters, accountOf } from './account.ts';

/**
 * What this thread owns of the worker of a lane: arena, engine and counters. Nothing of it ends with the worker, so what
 * the worker has done is known whatever became of it. A worker gets a new one, since a used arena counts on.
 */
export class Estate {
  readonly lent: LentParts;
  /** Why its engine is not a better one. */
  readonly reason: string | undefined;
  readonly #ports: readonly HandedPort[];
  readonly #loan: Loan;
  readonly #reader: StageReader;
  #rows: ChainRows = { stages: { rows: [], retired: [] }, filters: [] };
  #remains: Remains | undefined;

  /** @throws {TaplineError} `ARENA_FULL`, `ENGINE_UNAVAILABLE` */
  static async open(ports: readonly HandedPort[], wish: EngineWish): Promise<Estate> {
    const open = ports.map((port) => takeOver(port, () => undefined));
    const layout = layoutOf(open);
    const memory = layout.allocate();
    const { loan, reason } = await lendEngine(layout, memory, devicesOf(open), wish);
    return new Estate(ports, { memory, engine: loan.handle, tallies: tallyMemory(ports.length) }, loan, reason);
  }

  private constructor(ports: readonly HandedPort[], lent: LentParts, loan: Loan, reason: string | undefined) {
    this.#ports = ports;
    this.lent = lent;
    this.#loan = loan;
    this.reason = reason;
    this.#reader = new StageReader(new DataView(lent.memory.buffer));
  }

  /** Takes over which filters have which rows; the worker says so whenever that changes. */
  setRows(rows: ChainRows): void {
    this.#rows = rows;
    this.#reader.setNames(rows.stages);
  }

  /** Names of its filters, in order. */
  get names(): readonly string[] {
    return this.#rows.filters.map(({ name }) => name);
  }

  /** Nothing wakes the worker any more: it may be terminated, a little later. */
  silence(): void {
    this.#loan.silence();
  }

  /** Closes what the worker used. After its end. */
  bury(): void {
    this.#remains = this.#loan.bury();
  }

  /** What the lane has done, read from its memory: exact once it is buried; before, a batch may be under way. */
  account(last: LastCounters): Summary {
    const tallies = talliesIn(this.lent.tallies);
    const names = this.#ports.map(({ name }) => name);
    return accountOf({
      tallies,
      names,
      reader: this.#reader,
      filters: this.#rows.filters,
      remains: this.#remains,
      last,
    });
  }
}
