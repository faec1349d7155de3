import { IFF_PERSIST } from '../sys/ifTun.ts';
import { IFF_UP } from '../sys/interfaceFlags.ts';
import type { Libc } from '../sys/libc.ts';
import { changeLinkFlags, linkFlags, linkMtu, setLinkMtu, setLinkName } from '../sys/link.ts';
import { readLink } from '../sys/linkMessage.ts';
import { attachBpfFilter, type BpfInstruction, detachBpfFilter } from './bpfFilter.ts';
import { closeByOwner } from './claims.ts';
import { checkMtu, flag } from './checkOptions.ts';
import type { CreatedInterface } from './createInterface.ts';
import type { Device, DeviceKind } from './device.ts';
import { DeviceCore } from './deviceCore.ts';
import type { DeviceQueue } from './deviceQueue.ts';
import { type DeviceEvent, EventStream, type EventOptions } from './events.ts';
import { grantOffloads } from './grantOffloads.ts';
import { checkNewName } from './interfaceName.ts';
import { checkOptionNames } from './knownOptions.ts';
import { LinkMonitor } from './linkMonitor.ts';
import { offloadMask, offloadNames } from './offloadMask.ts';
import type { Offload } from './offloads.ts';
import { openQueue } from './openQueue.ts';
import { TunQueue } from './queue.ts';
import { QueueCore } from './queueCore.ts';
import { type DeviceStatistics, linkStatistics } from './statistics.ts';
import { readAttached } from './tunNode.ts';
import type { Driver } from './tunRequest.ts';
import { setCarrier, setPersist } from './tunSettings.ts';

/** The device that `openTun`, `openTap` and `adoptDevice` return: its own first queue, and the interface. */
export class TunDevice extends TunQueue implements Device {
  readonly kind: DeviceKind;
  readonly mac: string | null;
  readonly #libc: Libc;
  readonly #core: DeviceCore;
  readonly #refusedOffloads: number;
  #offloads: readonly Offload[];
  #hasFilter = false;

  /** Takes over the descriptors of `created`. */
  constructor(libc: Libc, kind: DeviceKind, created: CreatedInterface) {
    const { fd, controlSocket, name, index, flags, headerBytes } = created;
    const core = new DeviceCore(libc, fd, controlSocket, { kind, name, index, flags, headerBytes });
    super(core.own, core, null);
    this.kind = kind;
    this.mac = created.mac;
    this.#libc = libc;
    this.#core = core;
    this.#refusedOffloads = created.refusedOffloads;
    this.#offloads = offloadNames(created.offloads);
  }

  get name(): string {
    return this.#core.identity.name;
  }

  get index(): number {
    return this.#core.identity.index;
  }

  get offloads(): readonly Offload[] {
    return this.#offloads;
  }

  get hasFilter(): boolean {
    return this.#hasFilter;
  }

  mtu(): number {
    return this.#open().control.run(linkMtu);
  }

  flags(): number {
    return this.#open().control.run(linkFlags);
  }

  isPersistent(): boolean {
    return (readAttached(this.#libc, this.fd).flags & IFF_PERSIST) !== 0;
  }

  statistics(): DeviceStatistics {
    return this.#open().control.run((link) => linkStatistics(readLink(link)));
  }

  setUp(up: boolean): void {
    flag('up', up);
    this.#open().control.run((link) => {
      changeLinkFlags(link, up ? IFF_UP : 0, up ? 0 : IFF_UP);
    });
  }

  setMtu(mtu: number): void {
    const { control } = this.#open();
    checkMtu(this.kind, mtu);
    control.run((link) => {
      setLinkMtu(link, mtu);
    });
  }

  setCarrier(carrier: boolean): void {
    setCarrier(this.#driver(), flag('carrier', carrier));
  }

  setPersist(persist: boolean): void {
    setPersist(this.#driver(), flag('persist', persist));
  }

  rename(name: string): void {
    const { control } = this.#open();
    checkNewName(name);
    control.run((link) => {
      setLinkName(link, name);
    });
    control.refresh();
  }

  setOffloads(offloads: readonly Offload[]): readonly Offload[] {
    const driver = this.#driver();
    const mask = offloadMask(offloads, this.headerBytes > 0);
    this.#offloads = offloadNames(grantOffloads(driver, mask, this.#refusedOffloads));
    return this.#offloads;
  }

  attachFilter(program: readonly BpfInstruction[]): void {
    attachBpfFilter(this.#tapDriver(), program);
    this.#hasFilter = true;
  }

  detachFilter(): void {
    detachBpfFilter(this.#tapDriver());
    this.#hasFilter = false;
  }

  openQueue(): DeviceQueue {
    const { own, identity } = this.#open();
    const mask = offloadMask(this.#offloads, this.headerBytes > 0);
    const fd = openQueue(this.#libc, own.fd, identity, mask);
    const queue = new QueueCore(this.#libc, fd, identity, true);
    return new TunQueue(queue, this.#core.keep(queue), this);
  }

  events({ signal, ...unknown }: EventOptions = {}): AsyncIterableIterator<DeviceEvent> {
    const { own, identity } = this.#open();
    checkOptionNames(unknown, ['signal']);
    signal?.throwIfAborted();
    const monitor = new LinkMonitor(this.#libc, own.fd, identity);
    return new EventStream(monitor, this.#core.keep(monitor), this, signal);
  }

  /** A device that belongs to a line is closed by the line, which ends. */
  override close(): void {
    if (!closeByOwner(this)) super.close();
  }

  /** What is held, as long as it is. */
  #open(): DeviceCore {
    this.#core.own.checkOpen();
    return this.#core;
  }

  #driver(): Driver {
    return { libc: this.#libc, fd: this.fd, name: this.name };
  }

  #tapDriver(): Driver {
    const driver = this.#driver();
    if (this.kind !== 'tap') throw new TypeError(`Cannot filter ${this.name}: only TAP devices have kernel filters`);
    return driver;
  }
}
