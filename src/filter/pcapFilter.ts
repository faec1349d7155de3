import * as L from '../../assembly/layout.ts';
import type { ArenaMemory } from '../core/core.ts';
import { suggest } from '../suggest.ts';
import { type Judgement, judgeModule, splitModule } from '../pcap/wasm/batch.ts';
import { type CheckedSource, type PcapOptions, type PcapSource, checkSource } from './pcapPrograms.ts';
import type { PcapRecipe } from './recipe.ts';
import type { FilterSource, GuardSource, Stage, StageHost } from './stage.ts';

/** How a pcap filter decides. */
export interface PcapFilterOptions extends PcapOptions {
  /**
   * What becomes of a packet that matches. `'continue'` (default): it goes on to the next filter, and all others are
   * dropped with reason `no-match`. `'accept'`: it is forwarded without asking the filters behind, and others go on.
   * `'drop'`: it is dropped with reason `match`, and others go on.
   */
  readonly onMatch?: 'continue' | 'accept' | 'drop';
  /** Shown in summaries, 1 to 64 characters. Default `'pcap'`. */
  readonly name?: string;
}

/**
 * Makes a filter of a pcap expression, the language of tcpdump: `pcapFilter('tcp port 80 and not src net 10.0.0.0/8')`. It
 * is compiled to WebAssembly that runs on the frames in place, one call per batch.
 *
 * Super-packets are judged as they lie; `len` is their whole length on the wire.
 *
 * @throws {TypeError} an option that is wrong
 * @throws {ExpressionError} `BAD_EXPRESSION` with line and column
 * @throws {TaplineError} `BAD_PROGRAM` a program of classic BPF that was refused
 */
export function pcapFilter(source: PcapSource, options: PcapFilterOptions = {}): FilterSource {
  const { onMatch = 'continue', name = 'pcap', ...rest } = checkOptions(options);
  const checked = checkSource(source, rest);
  const { match, other, reasons } = JUDGEMENTS[onMatch];
  return {
    manifest: { name, reasons },
    recipe: pcapRecipe(source, options),
    open: (host) => new PcapStage(name, judgeModule(checked.programsFor(host.arena), match, other), host),
  };
}

/** A guard that lets a filter see only packets that match: what `when` in a list of filters stands for. */
export function pcapGuard(source: PcapSource, options: PcapOptions = {}): GuardSource {
  const checked: CheckedSource = checkSource(source, options);
  return {
    recipe: pcapRecipe(source, options),
    open: ({ arena }) => {
      const split = instantiate(splitModule(checked.programsFor(arena)), arena.memory, 'split');
      return { split: (count) => split(count) ?? 0 };
    },
  };
}

/** A resolver is a function, which cannot be sent: what it would say is not known either. */
function pcapRecipe(source: PcapSource, options: PcapFilterOptions): PcapRecipe | undefined {
  return options.resolver === undefined ? { kind: 'pcap', source, options: { ...options } } : undefined;
}

interface Judgements {
  readonly match: Judgement;
  readonly other: Judgement;
  readonly reasons: readonly string[];
}

const goesOn: Judgement = { verdict: L.VERDICT_CONTINUE };
/** For the first reason that the filter declares. */
const dropped: Judgement = { verdict: L.VERDICT_DROP, reason: 1 };

const JUDGEMENTS: Readonly<Record<'continue' | 'accept' | 'drop', Judgements>> = {
  continue: { match: goesOn, other: dropped, reasons: ['no-match'] },
  accept: { match: { verdict: L.VERDICT_ACCEPT }, other: goesOn, reasons: [] },
  drop: { match: dropped, other: goesOn, reasons: ['match'] },
};

const OPTION_NAMES: readonly string[] = ['onMatch', 'name', 'resolver', 'netmask'];

function checkOptions(options: PcapFilterOptions): PcapFilterOptions {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name)) {
      throw new TypeError(`Cannot use pcapFilter with '${name}'${suggest(name, OPTION_NAMES)}`);
    }
  }
  const { onMatch = 'continue' } = options;
  if (!Object.hasOwn(JUDGEMENTS, onMatch)) {
    throw new TypeError(`Expected onMatch to be 'continue', 'accept' or 'drop', got ${JSON.stringify(onMatch)}`);
  }
  return options;
}

class PcapStage implements Stage {
  readonly judge: (count: number) => void;
  readonly #name: string;

  constructor(name: string, module: Uint8Array, host: StageHost) {
    this.#name = name;
    this.judge = instantiate(module, host.arena.memory, 'judge');
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    const [field] = Object.keys(config);
    if (field === undefined) return;
    throw new TypeError(`Cannot configure ${this.#name}: it has no field '${field}': replace the filter instead`);
  }

  counters(): Record<string, number> {
    return {};
  }

  close(): void {
    // Nothing is held.
  }
}

function instantiate(bytes: Uint8Array, memory: ArenaMemory, name: string): (count: number) => number | undefined {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory as WebAssembly.Memory } });
  return exports[name] as (count: number) => number | undefined;
}
