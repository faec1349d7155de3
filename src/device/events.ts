import { type Held, unwatch, watch } from './lifeline.ts';
import type { LinkMonitor } from './linkMonitor.ts';

/**
 * What happened to the interface of a device, by whomever.
 *
 * `up`, `down`: it was taken up or down. `carrier`: the cable was plugged in or out; while it is down the kernel tells
 * this only when it comes up. `mtu`: in bytes. `moved`: it is in another network namespace now, with this index there.
 * `gone`: it was deleted; nothing follows.
 */
export type DeviceEvent =
  | { readonly type: 'up' | 'down' | 'gone' }
  | { readonly type: 'carrier'; readonly carrier: boolean }
  | { readonly type: 'mtu'; readonly mtu: number }
  | { readonly type: 'renamed'; readonly name: string; readonly before: string }
  | { readonly type: 'moved'; readonly index: number };

/** What `events` takes. */
export interface EventOptions {
  /** Aborting ends the iteration: it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The iteration that `device.events()` returns. */
export class EventStream implements AsyncIterableIterator<DeviceEvent> {
  readonly #monitor: LinkMonitor;
  readonly #held: Held;
  /** A device that is collected ends its streams; so one that is listened to must not be. */
  readonly #device: object;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: () => void;

  /** Takes over `held`, to which `monitor` belongs. */
  constructor(monitor: LinkMonitor, held: Held, device: object, signal: AbortSignal | undefined) {
    this.#monitor = monitor;
    this.#held = held;
    this.#device = device;
    this.#signal = signal;
    // Not through `this`: the signal may live longer than the stream.
    this.#abort = () => {
      monitor.fail(signal?.reason);
      held.close();
    };
    signal?.addEventListener('abort', this.#abort, { once: true });
    watch(this, held);
  }

  async next(): Promise<IteratorResult<DeviceEvent, undefined>> {
    this.#signal?.throwIfAborted();
    try {
      const event = await this.#monitor.next([this, this.#device]);
      if (event !== null) return { done: false, value: event };
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<DeviceEvent, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    unwatch(this);
    this.#held.close();
  }
}
