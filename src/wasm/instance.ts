import { TaplineError } from '../errors.ts';
import type { FilterModule } from './filterModule.ts';
import { FUEL, MARK, RESTORE, START_FUEL } from './rewrite.ts';
import { describeTrap } from './trap.ts';

/** A module at work in some memory. */
export interface Instance {
  readonly judge: (call: number) => void;
  readonly init: ((call: number) => void) | undefined;
  readonly tick: ((call: number) => void) | undefined;
  /** Before each batch: fills up the fuel and looks at the globals. */
  readonly mark: (fuel: number) => void;
  /** Behind a trap: puts the globals back that never change. */
  readonly restore: () => void;
  /** Below 0 behind a trap for want of fuel. */
  readonly fuel: WebAssembly.Global;
}

/**
 * Makes an instance. Its start function runs, on the fuel that it begins with.
 *
 * @throws {TaplineError} `BAD_FILTER` when it traps, or its tables or data do not fit
 */
export function instantiate(module: FilterModule, memory: WebAssembly.Memory): Instance {
  let exports: WebAssembly.Exports;
  try {
    ({ exports } = new WebAssembly.Instance(module.compiled, { env: { memory } }));
  } catch (cause) {
    throw new TaplineError(
      'BAD_FILTER',
      `Cannot use ${module.origin} as a filter: it cannot start: ${describeTrap(cause, module)}`,
      { cause },
    );
  }
  return {
    judge: exports['tapline_judge'] as Instance['judge'],
    init: exports['tapline_init'] as Instance['init'],
    tick: exports['tapline_tick'] as Instance['tick'],
    mark: exports[MARK] as Instance['mark'],
    restore: exports[RESTORE] as Instance['restore'],
    fuel: exports[FUEL] as WebAssembly.Global,
  };
}

/**
 * Lets an instance do what it does outside of batches.
 *
 * @throws whatever it throws: a trap
 */
export function runOnce({ fuel }: Instance, run: ((call: number) => void) | undefined, call: number): void {
  if (run === undefined) return;
  fuel.value = START_FUEL;
  run(call);
}
