import type { Device } from '../device/device.ts';
import type { Offload } from '../device/offloads.ts';
import { offloadMask } from '../device/offloadMask.ts';
import type { DevicePort, PortLike, Ports } from '../pipeline/declaration.ts';
import { type HandedPort, handOver } from '../pipeline/handedPort.ts';
import type { LinePort } from '../pipeline/line.ts';
import { type NamedPort, type OpenPort, closePort, namedPorts, openPort } from '../pipeline/ports.ts';

/**
 * The ports of a line with lanes, by name.
 *
 * @throws {TypeError} for what is no port, and for a port that belongs to one thread
 */
export function devicePorts(ports: Ports, queues: number): NamedPort[] {
  return namedPorts(ports).map(([name, port], i) => [name, withQueues(name ?? `${i}`, port, queues)] as const);
}

/** Each with several queues from the beginning: so the kernel spreads flows the same way on all of them. */
function withQueues(name: string, port: PortLike, queues: number): DevicePort {
  const isDeclared =
    'options' in port && 'kind' in port && (port.kind === 'tap' || port.kind === 'tun') && !('fd' in port);
  if (!isDeclared) {
    throw new TypeError(
      `Cannot use port ${name} with queues: only tap(…) and tun(…) have several; ` +
        'an open device, queue(), file(…), capture(…) and discard() belong to one thread: leave queues out',
    );
  }
  const { kind, options } = port;
  return { kind, options: queues === 1 ? options : { ...options, multiQueue: true } };
}

/** A port with all its queues, by lane. */
export class LanePort {
  readonly open: OpenPort;
  readonly #device: Device;
  readonly #queues: readonly { readonly fd: number }[];

  static async open(number: number, [name, port]: NamedPort, queues: number): Promise<LanePort> {
    const open = await openPort(number, name, port);
    try {
      return new LanePort(open, queues);
    } catch (error) {
      closePort(open);
      throw error;
    }
  }

  private constructor(open: OpenPort, queues: number) {
    const device = open.target as Device;
    this.open = open;
    this.#device = device;
    this.#queues = [device, ...Array.from({ length: queues - 1 }, () => device.openQueue())];
  }

  /** Its queue of this number, as it is handed to a worker. */
  handOver(lane: number): HandedPort {
    const { headerBytes } = this.open;
    const fd = this.#queues[lane]?.fd ?? -1;
    const offloads = offloadMask(this.#device.offloads, headerBytes > 0);
    return { ...handOver(this.open, this.#device, fd), offloads };
  }

  /** Takes the interface up, unless the declaration says otherwise. */
  start(): void {
    if (this.open.takesUp) this.#device.setUp(true);
  }

  /** Says to the device which offloads are used from now on. */
  setOffloads(offloads: readonly Offload[]): void {
    this.#device.setOffloads(offloads);
  }

  /** What users see of it. */
  get shown(): LinePort {
    const device = this.#device;
    return {
      name: this.open.name,
      target: device,
      get offloads() {
        return device.offloads;
      },
    };
  }

  /** Closes the device with all its queues. */
  close(): void {
    closePort(this.open);
  }
}
