import { TaplineError } from '../errors.ts';
import type { StageHost } from '../filter/stage.ts';
import type { FilterModule } from './filterModule.ts';
import { describeTrap } from './trap.ts';
import { TrapCapture } from './trapCapture.ts';
import { indexAt } from './verdicts.ts';

const SECOND_MS = 1000;

/** Said of traps that nobody looked at: a stack trace costs more than all the rest. */
const UNSEEN = new TaplineError('FILTER_TRAP', 'it trapped again');

/** Says what a filter trapped over, and keeps the packets. */
export class TrapReport {
  readonly #module: FilterModule;
  readonly #host: StageHost;
  readonly #capture: TrapCapture | undefined;
  /** Until then, by `performance.now()`, a trap is not looked at closely. */
  #quietUntil = 0;

  constructor(module: FilterModule, host: StageHost, capturePath: string | undefined) {
    this.#module = module;
    this.#host = host;
    const log = (message: string): void => {
      host.log(`filter ${module.manifest.name}: ${message}`);
    };
    this.#capture = capturePath === undefined ? undefined : new TrapCapture(capturePath, host.arena, log);
  }

  /** Whether the next trap is only counted. */
  get isQuiet(): boolean {
    return performance.now() < this.#quietUntil;
  }

  /** A trap for the packet at `position` of the list; `error` was caught quietly or not. */
  packet(error: unknown, position: number, isQuiet: boolean, isOutOfFuel: boolean): void {
    const what = isQuiet ? UNSEEN.message : describeTrap(error, this.#module, isOutOfFuel);
    this.#capture?.keep(indexAt(this.#host.arena.view, position), what);
    if (isQuiet) {
      this.#host.reportFailure(UNSEEN);
      return;
    }
    this.#quietUntil = performance.now() + SECOND_MS;
    this.#say(`packet ${position} of its batch: ${what}`, error);
  }

  /** A trap outside of batches. */
  tick(error: unknown, isOutOfFuel: boolean): void {
    this.#say(`in tapline_tick: ${describeTrap(error, this.#module, isOutOfFuel)}`, error);
  }

  close(): void {
    this.#capture?.close();
  }

  #say(message: string, cause: unknown): void {
    this.#host.reportFailure(new TaplineError('FILTER_TRAP', message, { cause }));
  }
}

/** Runs what may trap. Returns what it threw, or undefined. */
export function trapOf(run: () => void, isQuiet: boolean): unknown {
  const limit = Error.stackTraceLimit;
  if (isQuiet) Error.stackTraceLimit = 0;
  try {
    run();
    return undefined;
  } catch (error) {
    return error ?? UNSEEN;
  } finally {
    if (isQuiet) Error.stackTraceLimit = limit;
  }
}
