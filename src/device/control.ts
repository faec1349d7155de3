import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';
import { type Link, linkIndex, openControlSocket } from '../sys/link.ts';
import { Stack } from '../sys/stack.ts';
import { inDeviceNetns } from './deviceNetns.ts';
import type { Identity } from './identity.ts';
import { readAttached } from './tunNode.ts';

/** Asks and sets the interface behind a device, also after it was renamed or moved to another network namespace. */
export class Control {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #identity: Identity;
  #socket: number;

  /** Takes over `socket`, a control socket in the network namespace of the interface. Keeps `identity` up to date. */
  constructor(libc: Libc, fd: number, socket: number, identity: Identity) {
    this.#libc = libc;
    this.#fd = fd;
    this.#socket = socket;
    this.#identity = identity;
  }

  /**
   * Performs `work` on the interface.
   *
   * @throws {TaplineError} `DEVICE_GONE`, `PERMISSION`, `NETNS`, `SYSCALL`
   */
  run<Result>(work: (link: Link) => Result): Result {
    this.refresh();
    return work(this.#link());
  }

  /** Learns the name and the index that the interface has now, wherever it is. */
  refresh(): void {
    this.#identity.name = readAttached(this.#libc, this.#fd).name;
    if (this.#isHere()) return;
    const libc = this.#libc;
    using stack = new Stack();
    const open = () => stack.adopt(openControlSocket(libc), libc.close);
    const socket = inDeviceNetns(libc, this.#fd, this.#identity, open);
    this.#identity.index = linkIndex({ libc, socket, name: this.#identity.name });
    stack.move();
    libc.close(this.#socket);
    this.#socket = socket;
  }

  close(): void {
    this.#libc.close(this.#socket);
  }

  #link(): Link {
    return { libc: this.#libc, socket: this.#socket, name: this.#identity.name };
  }

  /** By number too: once the interface has left, another one may take its name. */
  #isHere(): boolean {
    try {
      return linkIndex(this.#link()) === this.#identity.index;
    } catch (error) {
      if (error instanceof TaplineError && error.errno === errnos.ENODEV) return false;
      throw error;
    }
  }
}
