import { inspect } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { TaplineError } from '../errors.ts';
import type { Breath } from './breath.ts';
import type { Chain } from './chain.ts';
import type { Line, LinePort } from './line.ts';
import type { LineCaptures } from './lineCaptures.ts';
import type { LineOffloads } from './lineOffloads.ts';
import { LOSS_REASONS } from './loss.ts';
import { type OpenPort, closePort } from './ports.ts';
import type { PortWatch } from './portWatch.ts';
import type { PortSummary, Summary } from './summary.ts';
import { checkRun, runOnce } from './runOnce.ts';
import { PortTally } from './tally.ts';

/** What goes on in a line beside its breath. */
export interface LineState {
  readonly offloads: LineOffloads;
  /** Gives up a kind of super-packet on a port; false where that was done before. */
  readonly stepDown: (port: number, gsoType: number) => boolean;
  readonly watch: PortWatch;
  readonly captures: LineCaptures;
  /** When all of these have finished, the line has. */
  readonly inputs: readonly OpenPort[];
}

/** Life of a line: opened, run once, closed. The breath does the work; this says when. */
export class RunningLine implements Line {
  readonly engine: string;
  readonly engineReason: string | undefined;
  readonly ports: ReadonlyMap<string, LinePort>;
  readonly filters: Chain;
  /** Goes on without a kind of super-packet on a port, as when its kernel refuses one. */
  readonly stepDown: LineState['stepDown'];

  readonly #engine: Engine;
  readonly #chain: Chain;
  readonly #breath: Breath;
  readonly #openPorts: readonly OpenPort[];
  readonly #offloads: LineOffloads;
  readonly #watch: PortWatch;
  readonly #captures: LineCaptures;
  readonly #inputs: readonly OpenPort[];
  #state: 'open' | 'running' | 'closed' = 'open';
  /** Settles with `run`. */
  readonly #ended: Promise<void>;
  #settle: (error: Error | undefined) => void = () => undefined;
  #isBreathing = false;
  /** Set when the line was told to end in the middle of a breath, by a filter. */
  #endAfterBreath: { error: Error | undefined } | undefined;
  #again: NodeJS.Immediate | undefined;

  constructor(
    engine: Engine,
    engineReason: string | undefined,
    chain: Chain,
    breath: Breath,
    ports: readonly OpenPort[],
    { offloads, stepDown, watch, captures, inputs }: LineState,
  ) {
    this.engine = engine.name;
    this.engineReason = engineReason;
    this.filters = chain;
    this.#engine = engine;
    this.#chain = chain;
    this.#breath = breath;
    this.#openPorts = ports;
    this.#offloads = offloads;
    this.stepDown = stepDown;
    this.#watch = watch;
    this.#captures = captures;
    this.#inputs = inputs;
    for (const port of ports) this.#listen(port);
    this.ports = new Map(ports.map((port) => [port.name, linePort(port, offloads)]));
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    // Who runs the line hears of the error; who only closes it need not.
    this.#ended.catch(() => undefined);
  }

  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Summary> {
    checkRun(this.#state, signal);
    this.#state = 'running';
    const start = (): void => {
      this.#start();
    };
    const stop = (): void => {
      this.#end(undefined);
    };
    await runOnce({ start, stop, ended: this.#ended }, signal);
    return this.summary();
  }

  async flush(): Promise<void> {
    await this.#captures.flush();
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#ended.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  summary(): Summary {
    const { tally, held } = this.#breath;
    if (this.#state !== 'closed') this.#watch.look();
    const ports = this.#openPorts.map((port) => this.#portSummary(port));
    const sum = (field: 'read' | 'forwarded' | 'lost' | 'mirrored' | 'kernelDropped'): number =>
      ports.reduce((total, port) => total + port[field], 0);
    const drops = this.#chain.reasons();
    const dropped = [...drops.values()].reduce((total, count) => total + count, 0);
    const losses = LOSS_REASONS.map((name) => [name, tally.losses[name]] as const).filter(([, count]) => count > 0);
    return {
      schema: 1,
      read: sum('read'),
      made: tally.made,
      forwarded: sum('forwarded'),
      dropped,
      lost: sum('lost'),
      merged: 0,
      // A filter may ask in the middle of a batch: what is dropped there is not held any more.
      held: held - (dropped - tally.released),
      mirrored: sum('mirrored'),
      mirrorsLost: tally.mirrorsLost,
      kernelDropped: sum('kernelDropped'),
      reasons: Object.fromEntries(addUp(drops, losses)),
      ports: Object.fromEntries(this.#openPorts.map(({ name }, i) => [name, ports[i]])) as Summary['ports'],
      filters: this.#chain.summaries(),
      ...this.#captures.ofLine(),
    };
  }

  get settled(): number {
    return this.#breath.settled;
  }

  #portSummary(port: OpenPort): PortSummary {
    const { number } = port;
    return {
      ...(this.#breath.ports[number] ?? new PortTally()).counts(),
      kernelDropped: this.#watch.dropped(number),
      refusedOffloads: this.#offloads.refused(number),
      ...this.#captures.ofPort(port),
    };
  }

  /** Whoever closes a device of the line ends the line, which then closes it. */
  #listen({ name, claim }: OpenPort): void {
    if (claim === undefined) return;
    claim.close = () => {
      this.#end(new TaplineError('PORT_LOST', `Port ${name} was lost: its device was closed`, { path: name }));
    };
  }

  #start(): void {
    this.#watch.start();
    try {
      this.#engine.start({ ready: this.#ready });
    } catch (error) {
      this.#end(asError(error));
    }
  }

  /** The engine has something. An arrow, since the engine keeps it. */
  readonly #ready = (): void => {
    if (this.#isBreathing || this.#state !== 'running') return;
    this.#isBreathing = true;
    try {
      if (this.#breath.breathe(this.#ready)) this.#breatheAgain();
      this.#checkPorts();
      if (this.#isFinished()) this.#endAfterBreath ??= { error: undefined };
    } catch (error) {
      this.#endAfterBreath ??= { error: asError(error) };
    }
    this.#isBreathing = false;
    if (this.#endAfterBreath !== undefined) this.#end(this.#endAfterBreath.error);
  };

  /** In the next round of the event loop, so that timers and signals have their turn. */
  #breatheAgain(): void {
    this.#again ??= setImmediate(() => {
      this.#again = undefined;
      this.#ready();
    });
  }

  #checkPorts(): void {
    for (const { name, number } of this.#openPorts) {
      if (this.#engine.portState(number) !== 'gone') continue;
      const message = `Port ${name} was lost: its device was deleted`;
      this.#endAfterBreath ??= { error: new TaplineError('PORT_LOST', message, { path: name }) };
    }
  }

  #isFinished(): boolean {
    const isRead = this.#inputs.every(({ number }) => this.#engine.portState(number) === 'finished');
    return (isRead && this.#breath.isIdle) || this.#captures.isUnwanted;
  }

  #end(error: Error | undefined): void {
    if (this.#isBreathing) {
      this.#endAfterBreath ??= { error };
      this.#breath.endAfterBatch();
      return;
    }
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearImmediate(this.#again);
    const released = this.#release();
    const failure = error ?? this.#captures.failure ?? released;
    void this.#captures.close().then((captureFailure) => {
      this.#settle(failure ?? captureFailure);
    });
  }

  /** What was judged is written out; then everything is closed, whatever fails on the way. Returns the first failure. */
  #release(): Error | undefined {
    const steps = [
      () => {
        this.#breath.exhale();
      },
      () => {
        this.#engine.close();
        this.#breath.afterClose();
      },
      () => {
        this.#chain.close();
      },
      () => {
        this.#watch.stop();
      },
      ...this.#openPorts.map((port) => () => {
        closePort(port);
      }),
    ];
    let first: Error | undefined;
    for (const step of steps) {
      try {
        step();
      } catch (error) {
        first ??= asError(error);
      }
    }
    return first;
  }
}

/** A filter may name a reason as losses are named: both count. */
function addUp(
  drops: ReadonlyMap<string, number>,
  losses: readonly (readonly [string, number])[],
): Map<string, number> {
  const total = new Map(drops);
  for (const [name, count] of losses) total.set(name, (total.get(name) ?? 0) + count);
  return total;
}

/** Offloads change when the kernel refuses one. */
function linePort({ name, number, target }: OpenPort, offloads: LineOffloads): LinePort {
  return {
    name,
    // A line over handed-over devices runs in a worker, which shows its ports to nobody.
    target: target as LinePort['target'],
    get offloads() {
      return offloads.of(number);
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(inspect(error));
}
