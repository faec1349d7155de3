import { fileURLToPath } from 'node:url';
import type * as Library from '../../../src/index.ts';
import type { ChainItem, FilterSource, LanesLine, LanesSummary } from '../../../src/index.ts';
import type { Namespace } from './namespace.ts';
import { type DevicesOptions, type Hosts, LEFT, RIGHT, devicePlan, makeHosts } from './bridge.ts';

/** The built library: workers run nothing else. */
export async function builtLibrary(): Promise<typeof Library> {
  const path = fileURLToPath(new URL('../../../dist/src/index.js', import.meta.url));
  return (await import(path)) as typeof Library;
}

/** A filter of `laneFilters.js`. */
export async function laneFilter(name: string, argument?: unknown): Promise<FilterSource> {
  const { filterFrom } = await builtLibrary();
  return filterFrom(new URL('laneFilters.js', import.meta.url), { export: name, argument });
}

/** One datagram from the left host to a port of the right one. */
export async function sendTo(host: Namespace, port: number): Promise<void> {
  await host.exec('bash', ['-c', `echo -n x >/dev/udp/${RIGHT.ipv4}/${port}`]);
}

/** Workers that were replaced. */
export function restartsOf({ lanes }: LanesSummary): number {
  return lanes.reduce((total, { restarts }) => total + restarts, 0);
}

export interface LanesBridgeOptions extends DevicesOptions {
  readonly queues: number;
  readonly filters?: readonly ChainItem[];
  readonly engine?: Library.EngineChoice;
  readonly watchdogMs?: number;
}

/** Two namespaces, each with one device, and a line with lanes between them. */
export interface LanesBridge extends Hosts {
  readonly line: LanesLine;
  readonly messages: string[];
  /** What `run()` came to. */
  readonly ended: Promise<LanesSummary>;
  stop(): Promise<LanesSummary>;
}

export async function openLanesBridge(options: LanesBridgeOptions): Promise<LanesBridge> {
  const { openPipeline, tap, tun } = await builtLibrary();
  const hosts = await makeHosts(options);
  const { left, right } = hosts;
  const { kind = 'tap', queues, filters = [], engine = 'auto', watchdogMs = 1000 } = options;
  const messages: string[] = [];
  const make = kind === 'tap' ? tap : tun;
  try {
    const line = await openPipeline({
      ports: {
        left: make('left', devicePlan(options, left, LEFT)),
        right: make('right', devicePlan(options, right, RIGHT)),
      },
      queues,
      filters,
      engine,
      watchdogMs,
      // Tests have more lanes than some machines have cores.
      log: (message) => message.includes('more lanes than cores') || messages.push(message),
    });
    const stopping = new AbortController();
    const ended = line.run({ signal: stopping.signal });
    ended.catch(() => undefined);
    const stop = async (): Promise<LanesSummary> => {
      stopping.abort();
      return await ended;
    };
    return {
      left,
      right,
      line,
      messages,
      ended,
      stop,
      async [Symbol.asyncDispose]() {
        await stop().catch(() => undefined);
        await hosts[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await hosts[Symbol.asyncDispose]();
    throw error;
  }
}
