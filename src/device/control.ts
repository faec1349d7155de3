import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { TUNGETDEVNETNS } from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { openControlSocket, type Link } from '../sys/link.ts';
import { inNetnsOf } from '../sys/netns.ts';
import { Stack } from '../sys/stack.ts';
import { readAttached } from './tunNode.ts';

/** Asks and sets the interface behind a device, also after it was renamed or moved to another network namespace. */
export class Control {
  readonly #libc: Libc;
  readonly #fd: number;
  #socket: number;

  /** Takes over `socket`, a datagram socket in the network namespace of the interface. */
  constructor(libc: Libc, fd: number, socket: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.#socket = socket;
  }

  /**
   * Performs `work` on the interface.
   *
   * @throws {TaplineError} `DEVICE_GONE`, `PERMISSION`, `SYSCALL`
   */
  run<Result>(work: (link: Link) => Result): Result {
    const { name } = readAttached(this.#libc, this.#fd);
    try {
      return work({ libc: this.#libc, socket: this.#socket, name });
    } catch (error) {
      // The descriptor still has an interface, so it must be in another namespace by now.
      if (!(error instanceof TaplineError) || error.errno !== errnos.ENODEV || !this.#follow()) throw error;
      return work({ libc: this.#libc, socket: this.#socket, name });
    }
  }

  close(): void {
    this.#libc.close(this.#socket);
  }

  /** Replaces the socket by one in the interface's present namespace. False where the kernel cannot tell it. */
  #follow(): boolean {
    const libc = this.#libc;
    using stack = new Stack();
    const namespace = libc.ioctl(this.#fd, TUNGETDEVNETNS, 0);
    if (namespace < 0) return false;
    stack.adopt(namespace, libc.close);
    const socket = inNetnsOf(libc, namespace, 'the network namespace of the device', () => openControlSocket(libc));
    libc.close(this.#socket);
    this.#socket = socket;
    return true;
  }
}
