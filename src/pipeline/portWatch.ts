import type { Device } from '../device/device.ts';
import { TaplineError } from '../errors.ts';
import type { OpenPort } from './ports.ts';

/** How often a running line looks. */
const LOOK_MS = 1000;

/** What a port was when the line was opened, and what was seen of it since. */
interface Watched {
  readonly name: string;
  readonly device: Device;
  /** Packets that the kernel had dropped before. */
  readonly base: number;
  /** The longest packet that the line has room for. */
  readonly roomBytes: number;
  dropped: number;
  saidDropped: boolean;
  saidMtu: boolean;
}

/**
 * Watches what no packet tells of: how many the kernel dropped before they could be read, and whether somebody has raised
 * the MTU beyond what the line has room for. Says each once for a port, with the remedy; of dropped packets nothing where
 * a filter in the kernel drops some by design.
 */
export class PortWatch {
  readonly #watched: (Watched | undefined)[];
  readonly #log: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param roomBytes by port: the longest packet, as an MTU counts it, that can be read whole */
  constructor(ports: readonly OpenPort[], roomBytes: readonly number[], log: (message: string) => void) {
    this.#watched = ports.map((port, i) => watch(port, roomBytes[i] ?? 0));
    this.#log = log;
  }

  /** Looks once a second. Keeps the process alive, also where a line has only queues. */
  start(): void {
    this.#timer = setInterval(() => {
      this.look();
      for (const port of this.#watched) if (port !== undefined) this.#checkMtu(port);
    }, LOOK_MS);
  }

  /** Takes a last look; afterwards the devices may be closed. */
  stop(): void {
    clearInterval(this.#timer);
    this.look();
  }

  /** Asks the kernel for its counters. */
  look(): void {
    for (const port of this.#watched) {
      if (port === undefined) continue;
      port.dropped = ask(() => port.device.statistics().tx.dropped - port.base) ?? port.dropped;
      if (port.dropped > 0) this.#sayDropped(port);
    }
  }

  /** Packets of a port that the kernel dropped since the line was opened, as of the last look. */
  dropped(port: number): number {
    return this.#watched[port]?.dropped ?? 0;
  }

  #sayDropped(port: Watched): void {
    // What its filter refuses is in the same count: no sign of a queue that is too short.
    if (port.saidDropped || port.device.hasFilter) return;
    port.saidDropped = true;
    this.#log(
      `port ${port.name}: the kernel drops packets that are not read in time, ${port.dropped} up to now: ` +
        `raise its txQueueLength (ip link set dev ${port.device.name} txqueuelen N)`,
    );
  }

  #checkMtu(port: Watched): void {
    if (port.saidMtu) return;
    const mtu = ask(() => port.device.mtu()) ?? 0;
    if (mtu <= port.roomBytes) return;
    port.saidMtu = true;
    this.#log(
      `port ${port.name}: its MTU was raised to ${mtu}, and packets of more than ${port.roomBytes} bytes are dropped ` +
        'as truncated: open the line with that MTU',
    );
  }
}

function watch({ name, target }: OpenPort, roomBytes: number): Watched | undefined {
  if (!('statistics' in target)) return undefined;
  const base = ask(() => target.statistics().tx.dropped);
  if (base === undefined) return undefined;
  return { name, device: target, base, roomBytes, dropped: 0, saidDropped: false, saidMtu: false };
}

/** A device that was closed, deleted, or moved to where we may not go answers nothing: what is known stays. */
function ask(question: () => number): number | undefined {
  try {
    return question();
  } catch (error) {
    if (error instanceof TaplineError) return undefined;
    throw error;
  }
}
