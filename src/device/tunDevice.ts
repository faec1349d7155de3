import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { IFF_UP } from '../sys/interfaceFlags.ts';
import type { Libc } from '../sys/libc.ts';
import { changeLinkFlags, linkFlags, linkMtu, setLinkMtu } from '../sys/link.ts';
import { systemError } from '../sys/systemError.ts';
import { checkMtu } from './checkOptions.ts';
import { Control } from './control.ts';
import { type CreatedInterface, setOffloadMask } from './createInterface.ts';
import type { Device, DeviceKind, ReadOptions } from './device.ts';
import { FrameReader } from './frameReader.ts';
import { frames } from './frames.ts';
import { offloadMask, offloadNames } from './offloadMask.ts';
import type { Offload } from './offloads.ts';
import { ReadQueue } from './readQueue.ts';

/** The device that `openTun` and `openTap` return. */
export class TunDevice implements Device {
  readonly kind: DeviceKind;
  readonly name: string;
  readonly index: number;
  readonly mac: string | null;
  readonly headerBytes: number;
  readonly #libc: Libc;
  readonly #held: Held;
  #offloads: readonly Offload[];

  /** Takes over the descriptors of `created`. */
  constructor(libc: Libc, kind: DeviceKind, created: CreatedInterface) {
    this.kind = kind;
    this.name = created.name;
    this.index = created.index;
    this.mac = created.mac;
    this.headerBytes = created.headerBytes;
    this.#offloads = offloadNames(created.offloads);
    this.#libc = libc;
    this.#held = new Held(libc, created);
    lost.register(this, this.#held, this);
  }

  get offloads(): readonly Offload[] {
    return this.#offloads;
  }

  get fd(): number {
    return this.#open().fd;
  }

  get isOpen(): boolean {
    return !this.#held.isClosed;
  }

  mtu(): number {
    return this.#open().control.run(linkMtu);
  }

  flags(): number {
    return this.#open().control.run(linkFlags);
  }

  setUp(up: boolean): void {
    this.#open().control.run((link) => {
      changeLinkFlags(link, up ? IFF_UP : 0, up ? 0 : IFF_UP);
    });
  }

  setMtu(mtu: number): void {
    const held = this.#open();
    checkMtu(this.kind, mtu);
    held.control.run((link) => {
      setLinkMtu(link, mtu);
    });
  }

  setOffloads(offloads: readonly Offload[]): readonly Offload[] {
    const { fd } = this.#open();
    const mask = offloadMask(offloads, this.headerBytes > 0);
    this.#offloads = offloadNames(setOffloadMask(this.#libc, fd, this.name, mask));
    return this.#offloads;
  }

  async readPacket(buffer: Uint8Array, options: ReadOptions = {}): Promise<number> {
    const { reads } = this.#open();
    checkBytes('buffer', buffer);
    return reads.read(buffer, options, this);
  }

  tryRead(buffer: Uint8Array): number | null {
    const { reads } = this.#open();
    checkBytes('buffer', buffer);
    return reads.tryRead(buffer);
  }

  writePacket(frame: Uint8Array): void {
    const { fd } = this.#open();
    checkBytes('frame', frame);
    const written = write(this.#libc, fd, frame);
    if (written < 0) throw this.#writeError(-written);
    if (written !== frame.length) {
      const text = `Cannot write to ${this.name}: the kernel took ${written} of ${frame.length} bytes`;
      throw new TaplineError('SHORT_WRITE', text, { syscall: 'write' });
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    this.#open();
    return frames(this);
  }

  close(): void {
    lost.unregister(this);
    this.#held.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #open(): Held {
    if (this.#held.isClosed) throw closedError(this.name);
    return this.#held;
  }

  #writeError(errno: number): TaplineError {
    const remedy = writeRemedies[errno];
    return systemError({
      action: `Cannot write to ${this.name}`,
      syscall: 'write',
      errno,
      ...(errno === errnos.EIO ? { code: 'LINK_DOWN' } : {}),
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

/** What must be given back. It does not know the device, so that a device that nobody refers to can be collected. */
class Held {
  readonly fd: number;
  readonly control: Control;
  readonly reads: ReadQueue;
  readonly #libc: Libc;
  readonly #name: string;
  #isClosed = false;

  constructor(libc: Libc, { fd, name, controlSocket }: CreatedInterface) {
    this.fd = fd;
    this.control = new Control(libc, fd, controlSocket);
    this.reads = new ReadQueue(libc, fd, name, new FrameReader(libc, fd, name));
    this.#libc = libc;
    this.#name = name;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The event loop lets go of the descriptor before it is closed, and its number given to something else. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.reads.close(closedError(this.#name));
    this.#libc.close(this.fd);
    this.control.close();
  }
}

/** Closes what belonged to devices that were collected without `close()`. */
const lost = new FinalizationRegistry<Held>((held) => {
  held.close();
});

const writeRemedies: Readonly<Record<number, string>> = {
  [errnos.EIO]: 'the interface is down',
  [errnos.EINVAL]: 'the kernel refused the frame or its virtio header',
};

function closedError(name: string): TaplineError {
  return new TaplineError('DEVICE_CLOSED', `${name} is closed`);
}

/** Bytes written, or the error number as a negative number. */
function write(libc: Libc, fd: number, frame: Uint8Array): number {
  for (;;) {
    const written = libc.write(fd, libc.addressOf(frame), frame.length);
    if (written >= 0) return written;
    const errno = libc.errno();
    if (errno !== errnos.EINTR) return -errno;
  }
}

function checkBytes(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected ${name} to be a Uint8Array, got ${typeof value}`);
}
