import { Control } from './control.ts';
import type { Identity } from './identity.ts';
import type { Held } from './lifeline.ts';
import { QueueCore } from './queueCore.ts';
import type { Libc } from '../sys/libc.ts';
import { IFF_DETACH_QUEUE } from '../sys/ifTun.ts';

/** Everything that a device holds. It does not know the device, see lifeline.ts. */
export class DeviceCore implements Held {
  readonly identity: Identity;
  /** Its first queue. */
  readonly own: QueueCore;
  readonly control: Control;
  /** Further queues and event streams. */
  readonly #parts = new Set<Held>();

  /** Takes over both descriptors. */
  constructor(libc: Libc, fd: number, controlSocket: number, identity: Identity) {
    this.identity = identity;
    this.own = new QueueCore(libc, fd, identity, (identity.flags & IFF_DETACH_QUEUE) === 0);
    this.control = new Control(libc, fd, controlSocket, identity);
  }

  /** Makes `part` end with the device, unless it is closed before through what this returns. */
  keep(part: Held): Held {
    const kept: Held = {
      close: () => {
        this.#parts.delete(kept);
        part.close();
      },
    };
    this.#parts.add(kept);
    return kept;
  }

  close(): void {
    if (this.own.isClosed) return;
    for (const part of [...this.#parts]) part.close();
    this.own.close();
    this.control.close();
  }
}
