import type { DeviceQueue, ReadOptions } from './deviceQueue.ts';
import { frames } from './frames.ts';
import { type Held, unwatch, watch } from './lifeline.ts';
import type { QueueCore } from './queueCore.ts';

/** What `openQueue` returns, and what every device begins with. */
export class TunQueue implements DeviceQueue {
  readonly headerBytes: number;
  readonly #core: QueueCore;
  readonly #held: Held;
  /** Whose queue it is: a device that is collected closes its queues, so one of which a queue is in use must not be. */
  readonly #device: object | null;

  /** Takes over `held`, to which `core` belongs. */
  constructor(core: QueueCore, held: Held, device: object | null) {
    this.headerBytes = core.identity.headerBytes;
    this.#core = core;
    this.#held = held;
    this.#device = device;
    watch(this, held);
  }

  get fd(): number {
    return this.#core.fd;
  }

  get isOpen(): boolean {
    return !this.#core.isClosed;
  }

  get isAttached(): boolean {
    return this.#core.isAttached && !this.#core.isClosed;
  }

  async readPacket(buffer: Uint8Array, options: ReadOptions = {}): Promise<number> {
    checkBytes('buffer', buffer);
    return this.#core.read(buffer, options, [this, this.#device]);
  }

  tryRead(buffer: Uint8Array): number | null {
    checkBytes('buffer', buffer);
    return this.#core.tryRead(buffer);
  }

  writePacket(frame: Uint8Array): void {
    checkBytes('frame', frame);
    this.#core.write(frame);
  }

  attach(): void {
    this.#core.setAttached(true);
  }

  detach(): void {
    this.#core.setAttached(false);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    this.#core.checkOpen();
    return frames(this);
  }

  close(): void {
    unwatch(this);
    this.#held.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function checkBytes(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected ${name} to be a Uint8Array, got ${typeof value}`);
}
