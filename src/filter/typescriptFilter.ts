import * as L from '../../assembly/layout.ts';
import { BUILT_IN_REASONS } from '../core/names.ts';
import { Packet } from '../core/packet.ts';
import { checkKeys, checkManifest } from './checkManifest.ts';
import { type ConfigValue, readConfig } from './config.ts';
import type { FilterDeclaration } from './declaration.ts';
import { type Cursor, ownJudgeLoop } from './judgeLoop.ts';
import type { FilterSource, Stage, StageHost } from './stage.ts';

/** A filter written in TypeScript, with its configuration. */
export function typescriptFilter(
  declaration: FilterDeclaration,
  config: Readonly<Record<string, unknown>>,
): FilterSource {
  checkKeys(declaration);
  checkManifest(declaration);
  return { manifest: declaration, config, open: (host) => new TypescriptStage(declaration, config, host) };
}

/** What the filter sees as its context; the stage writes it. */
interface MutableContext {
  config: Readonly<Record<string, ConfigValue>>;
  readonly counters: Record<string, number>;
  now: number;
}

class TypescriptStage implements Stage {
  readonly #declaration: FilterDeclaration;
  readonly #host: StageHost;
  readonly #packet: Packet;
  readonly #context: MutableContext;
  readonly #loop = ownJudgeLoop();
  readonly #cursor: Cursor = { position: 0 };
  #input: Readonly<Record<string, unknown>>;

  constructor(declaration: FilterDeclaration, input: Readonly<Record<string, unknown>>, host: StageHost) {
    this.#declaration = declaration;
    this.#host = host;
    this.#input = input;
    const reasons = reasonNumbers(declaration.reasons ?? []);
    this.#packet = new Packet({
      arena: host.arena,
      portNumber: (name) => host.portNumber(name),
      portName: (number) => host.portName(number),
      reasonNumber: (name) => reasons.get(name),
    });
    // Sealed: counting under a name that was not declared is an error, not a number that nobody sees.
    const counters = Object.seal(Object.fromEntries((declaration.counters ?? []).map((name) => [name, 0])));
    this.#context = { config: this.#read(input), counters, now: 0 };
  }

  /** The loop stands around the `try`, so that a packet for which the filter throws costs only itself. */
  judge(count: number, now: number): void {
    const { batch } = this.#host;
    const packet = this.#packet;
    const context = this.#context;
    const cursor = this.#cursor;
    context.now = now;
    for (let first = 0; first < count; first = cursor.position + 1) {
      cursor.position = first;
      try {
        this.#loop(this.#declaration, packet, context, batch, cursor, first, count);
      } catch (error) {
        // Where the stack is full, not even the loop began: the packet is the cursor's, wherever the view may be.
        packet.at(batch.activeIndex(cursor.position));
        packet.abort();
        this.#host.reportFailure(error);
      }
    }
  }

  configure(config: Readonly<Record<string, unknown>>): void {
    const given = Object.entries(config).filter(([, value]) => value !== undefined);
    const input = { ...this.#input, ...Object.fromEntries(given) };
    this.#context.config = this.#read(input);
    this.#input = input;
  }

  counters(): Record<string, number> {
    return { ...this.#context.counters };
  }

  close(): void {
    // Nothing is held.
  }

  #read(input: Readonly<Record<string, unknown>>): Readonly<Record<string, ConfigValue>> {
    const { name, config = {} } = this.#declaration;
    return readConfig(name, config, input, (port) => this.#host.portNumber(port));
  }
}

/** Declared reasons count from 1 in the order declared; a built-in one may be used without being declared. */
function reasonNumbers(declared: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  BUILT_IN_REASONS.forEach((name, i) => numbers.set(name, L.REASON_BUILT_IN | i));
  declared.forEach((name, i) => numbers.set(name, i + 1));
  return numbers;
}
