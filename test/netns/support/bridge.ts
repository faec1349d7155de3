import type { OffloadChoice } from '../../../src/device/offloads.ts';
import { openPipeline, type Line, type Pipeline, type Summary, tap, tun } from '../../../src/index.ts';
import { type Namespace, type NamespaceOptions, makeNamespace } from './namespace.ts';

/** Addresses of the two hosts. */
export const LEFT = { ipv4: '10.77.0.1', ipv6: 'fd77::1', mac: '02:00:00:00:77:01' } as const;
export const RIGHT = { ipv4: '10.77.0.2', ipv6: 'fd77::2', mac: '02:00:00:00:77:02' } as const;

/** What the devices of a bridge are like. */
export interface DevicesOptions extends NamespaceOptions {
  /** Default `tap`. */
  readonly kind?: 'tap' | 'tun';
  /** Default `all`. */
  readonly offloads?: OffloadChoice;
  readonly mtu?: number;
  /** Default 10,000: a shared machine's stalls are longer than the kernel's 500 or 1,000 packets. */
  readonly txQueueLength?: number;
}

export type BridgeOptions = DevicesOptions & Pick<Pipeline, 'filters' | 'engine' | 'log'>;

/** Two namespaces, each with one device (`left`, `right`), and a line between the devices. */
export interface Bridge extends Hosts {
  readonly line: Line;
  /** What `run()` came to. Disposing of the bridge does not reject when nobody looked at it. */
  readonly ended: Promise<Summary>;
  /** Ends the line and returns its summary. */
  stop(): Promise<Summary>;
}

/** Opens a bridge whose line runs in this process; for bulk traffic use `openLineChild`. */
export async function openBridge(options: BridgeOptions = {}): Promise<Bridge> {
  const hosts = await makeHosts(options);
  const { left, right } = hosts;
  try {
    const { kind = 'tap', filters = [], engine = 'auto', log = () => undefined } = options;
    const make = kind === 'tap' ? tap : tun;
    const line = await openPipeline({
      ports: {
        left: make('left', devicePlan(options, left, LEFT)),
        right: make('right', devicePlan(options, right, RIGHT)),
      },
      filters,
      engine,
      log,
    });
    return runningBridge(hosts, line);
  } catch (error) {
    await hosts[Symbol.asyncDispose]();
    throw error;
  }
}

/** The two namespaces of a bridge. */
export interface Hosts extends AsyncDisposable {
  readonly left: Namespace;
  readonly right: Namespace;
}

export async function makeHosts(options: NamespaceOptions = {}): Promise<Hosts> {
  const [left, right] = await Promise.all([makeNamespace(options), makeNamespace(options)]);
  return {
    left,
    right,
    async [Symbol.asyncDispose]() {
      await Promise.all([left[Symbol.asyncDispose](), right[Symbol.asyncDispose]()]);
    },
  };
}

/** Options of one device of a bridge. */
export function devicePlan(options: DevicesOptions, host: Namespace, address: typeof LEFT | typeof RIGHT) {
  const { kind = 'tap', offloads = 'all', mtu = 1500, txQueueLength = 10_000, ipv6 = true } = options;
  const addresses = [`${address.ipv4}/24`, ...(ipv6 ? [`${address.ipv6}/64`] : [])];
  const mac = kind === 'tap' ? { mac: address.mac } : {};
  return { offloads, mtu, txQueueLength, addresses, netns: host.pid, ...mac };
}

function runningBridge(hosts: Hosts, line: Line): Bridge {
  const stopping = new AbortController();
  const ended = line.run({ signal: stopping.signal });
  ended.catch(() => undefined);
  const stop = async (): Promise<Summary> => {
    stopping.abort();
    return await ended;
  };
  return {
    left: hosts.left,
    right: hosts.right,
    line,
    ended,
    stop,
    async [Symbol.asyncDispose]() {
      await stop().catch(() => undefined);
      await hosts[Symbol.asyncDispose]();
    },
  };
}
