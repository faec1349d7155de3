import koffi from 'koffi';
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../../src/sys/fcntl.ts';
import { loadLibc } from '../../../src/sys/libc.ts';

// <asm-generic/socket.h>, <linux/socket.h>
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;

/** Two sockets that keep the boundaries of packets, need no root, and are full after some 200 frames. */
export interface SocketPair {
  /** The engine's side: a non-blocking descriptor. */
  readonly fd: number;
  /** Puts a frame where the engine reads it; false when there is no room. */
  send(frame: Uint8Array): boolean;
  /** What the engine wrote since the last call. */
  receive(): Uint8Array[];
  /** Closes the other side. */
  hangUp(): void;
  /** Closes both sides. */
  close(): void;
}

/** Opens a `SocketPair`; unix(7). */
export async function openSocketPair(): Promise<SocketPair> {
  const libc = await loadLibc();
  const socketpair = koffi.load(libc.library).func('int socketpair(int domain, int type, int protocol, void *fds)') as (
    domain: number,
    type: number,
    protocol: number,
    fds: Int32Array,
  ) => number;
  const fds = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
    throw new Error(`socketpair failed with ${libc.errno()}`);
  }
  const [fd = -1, other = -1] = fds;
  const buffer = new Uint8Array(70_000);
  let isOpen = true;
  const hangUp = (): void => {
    if (isOpen) libc.close(other);
    isOpen = false;
  };
  return {
    fd,
    send: (frame) => libc.send(other, frame, frame.length, 0) === frame.length,
    receive() {
      const frames: Uint8Array[] = [];
      for (;;) {
        const bytes = isOpen ? libc.recv(other, buffer, buffer.length, 0) : -1;
        if (bytes <= 0) return frames;
        frames.push(buffer.slice(0, bytes));
      }
    },
    hangUp,
    close() {
      hangUp();
      libc.close(fd);
    },
  };
}
