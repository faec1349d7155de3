import type { BpfInstruction } from './bpfFilter.ts';
import type { DeviceQueue } from './deviceQueue.ts';
import type { DeviceEvent, EventOptions } from './events.ts';
import type { Offload } from './offloads.ts';
import type { DeviceStatistics } from './statistics.ts';

export type { ReadOptions } from './deviceQueue.ts';

/** A TUN device carries IP packets; a TAP device carries Ethernet frames. */
export type DeviceKind = 'tun' | 'tap';

/**
 * An open TUN or TAP device: its first queue, and the interface behind it. Closing it removes the interface, unless that
 * is persistent or somebody else holds it too, and closes its further queues.
 *
 * What it is asked about the interface is answered also after that was renamed or moved to another network namespace.
 * After `close()` every method throws `DEVICE_CLOSED`; once the interface was deleted, `DEVICE_GONE`.
 */
export interface Device extends DeviceQueue {
  readonly kind: DeviceKind;
  /** Name of the interface, at most 15 bytes, as this object has last heard it: any question about it listens. */
  readonly name: string;
  /** Interface index in the device's network namespace; it may change when the interface is moved to another one. */
  readonly index: number;
  /** MAC address as `02:00:00:00:00:01`, when the device was opened; null on TUN. */
  readonly mac: string | null;
  /** What the kernel granted, or had granted before, in the order of the names' bits. */
  readonly offloads: readonly Offload[];
  /** Whether a filter was attached through this object, see `attachFilter`; of others the kernel does not tell. */
  readonly hasFilter: boolean;

  /** Largest packet in bytes without the Ethernet header, asked from the kernel. */
  mtu(): number;
  /** The low 16 interface flags (IFF_UP, IFF_RUNNING, … of `<linux/if.h>`), asked from the kernel. */
  flags(): number;
  /** Whether the interface outlives its descriptors, asked from the kernel. */
  isPersistent(): boolean;
  /** What the kernel has counted, see `DeviceStatistics` for the directions. */
  statistics(): DeviceStatistics;

  /** Takes the interface up or down, keeping its other flags. */
  setUp(up: boolean): void;
  /** Sets the MTU: 68 to 65,535 (TUN) or 65,521 (TAP). */
  setMtu(mtu: number): void;
  /** Says whether the cable is plugged in. Linux 4.20; EPERM while all queues are detached. */
  setCarrier(carrier: boolean): void;
  /** Makes the interface outlive its descriptors, or end with the last one. */
  setPersist(persist: boolean): void;
  /**
   * Renames the interface: 1 to 15 bytes as the `name` option; `tap%d` is numbered.
   *
   * @throws {TaplineError} `DEVICE_EXISTS` the name is taken, `SYSCALL` (EBUSY: before Linux 6.2 it must be down)
   */
  rename(name: string): void;
  /** Replaces the offload mask; negotiated downwards as at opening. Returns what was granted. */
  setOffloads(offloads: readonly Offload[]): readonly Offload[];

  /**
   * Lets a program of classic BPF decide, in the kernel, what is read from this TAP device, all its queues included; it
   * replaces an earlier one. The program sees the Ethernet frame and returns how many bytes of it to keep, 0 to drop it;
   * what it drops is counted in `statistics().tx.dropped`.
   *
   * @param program 1 to 4,096 instructions, as `tcpdump -ddd` prints them
   * @throws {TypeError} on TUN, or for what is no program
   * @throws {RangeError} a number outside its field
   * @throws {TaplineError} `SYSCALL` (EINVAL: the kernel refused the program)
   */
  attachFilter(program: readonly BpfInstruction[]): void;
  /** Lets everything through again. Throws as `attachFilter`. */
  detachFilter(): void;

  /**
   * Opens a further queue of a `multiQueue` device. The kernel keeps a flow on the queue where its packets were last
   * written: answer on the queue from which you read.
   *
   * @throws {TypeError} without `multiQueue`
   * @throws {TaplineError} `SYSCALL` (E2BIG: 256 queues), and as `openTun`
   */
  openQueue(): DeviceQueue;

  /**
   * What happens to the interface from now on. A pending `next()` keeps the process alive, an idle iteration does not; it
   * holds one socket, until it is left or the device closed.
   *
   * @throws {TaplineError} `NETNS` when its network namespace cannot be entered
   */
  events(options?: EventOptions): AsyncIterableIterator<DeviceEvent>;
}
