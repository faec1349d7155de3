import type { ChainItem } from '../filter/guarded.ts';
import type { Device, DeviceKind } from '../device/device.ts';
import type { CaptureFilePort, DiscardPort, FilePort } from './file.ts';
import type { TapOptions, TunOptions } from './openDevice.ts';
import type { Queue } from './queue.ts';

/** A device to be opened with the line; `tap()` and `tun()` make one. */
export interface DevicePort {
  readonly kind: DeviceKind;
  readonly options: TapOptions;
}

/** What may stand where a port is wanted: a declaration, an open device, a queue to your own code, or a capture file. */
export type PortLike = DevicePort | Device | Queue | FilePort | CaptureFilePort | DiscardPort;

/** Ports by name, or a list that takes the names of its devices. */
export type Ports = Readonly<Record<string, PortLike>> | readonly PortLike[];

/** Where packets of a port go unless a filter says otherwise: name to name. */
export type Routes = Readonly<Record<string, string>>;

/** A whole line, ready to be opened. Making one opens nothing. */
export interface Pipeline {
  readonly ports: Ports;
  /** Default: two ports are bridged; one port, or more than two, have no routes. */
  readonly routes?: Routes;
  /** In the order in which they see packets; `{ when, filter }` shows a filter only packets that match. Default none. */
  readonly filters?: readonly ChainItem[];
  /**
   * Captures everything that comes in, as it came in, each packet with its port, its direction and, as a comment, what
   * became of it: `drop: telnet`, `redirect: wan`, `reflect`, `accept`, or nothing when all filters let it go on.
   */
  readonly record?: CaptureFilePort;
  /** What moves the frames of devices. Default `'auto'`: the best that works here. */
  readonly engine?: EngineChoice;
  /**
   * Microseconds after the last packet in which to keep asking before waiting, 0 to 1,000,000: shorter round trips for a
   * core that is never idle meanwhile. Only the engine `uring` does so. Default 0.
   */
  readonly busyPoll?: number;
  /** Receives a line of text when something is worth saying, once a second at most for each filter. Default stderr. */
  readonly log?: (message: string) => void;
}

/** `uring`: io_uring, Linux 6.7. `readloop`: works everywhere. `auto`: the first of them that works. */
export type EngineChoice = 'auto' | 'uring' | 'readloop';

/**
 * A TAP device as a port: Ethernet frames. It gets a virtio header and all offloads that the kernel grants; `options` may
 * say otherwise. Where ports differ, the line completes checksums and cuts super-packets.
 *
 * @param name 1 to 15 bytes; `tap%d` is numbered by the kernel, `''` lets it choose
 */
export function tap(name: string, options: Omit<TapOptions, 'name'> = {}): DevicePort {
  return { kind: 'tap', options: { virtioHeader: true, offloads: 'all', ...options, name } };
}

/** A TUN device as a port: IP packets. Otherwise as `tap`. */
export function tun(name: string, options: Omit<TunOptions, 'name'> = {}): DevicePort {
  return { kind: 'tun', options: { virtioHeader: true, offloads: 'all', ...options, name } };
}
