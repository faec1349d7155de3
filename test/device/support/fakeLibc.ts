import { AF_NETLINK } from '../../../src/sys/fcntl.ts';
import type { Libc } from '../../../src/sys/libc.ts';

/** A kernel of our own: every descriptor is counted, every ioctl can be answered or made to fail. */
export interface FakeKernel {
  readonly libc: Libc;
  /** Descriptors that are open now. */
  readonly open: Set<number>;
  /** Names and arguments of the calls so far. */
  readonly calls: string[];
}

/** How a call ends: 0 or more is its result, below 0 the error number. undefined: the default answer. */
export type Answer = (call: string, count: number) => number | undefined;

/**
 * A C library without a system. `answer` is asked for each `open`, `socket`, `setns`, `send` and `ioctl`; by default all
 * succeed, and TUNGETIFF and TUNGETVNETHDRSZ say what a device with (`hasHeader`) or without virtio header would.
 */
export function fakeKernel(answer: Answer = () => undefined, hasHeader = false): FakeKernel {
  const open = new Set<number>();
  const netlink = new Set<number>();
  const calls: string[] = [];
  let errno = 0;
  let nextFd = 100;

  const judge = (call: string, succeed: () => number): number => {
    calls.push(call);
    const result = answer(call, calls.length) ?? succeed();
    if (result >= 0) return result;
    errno = -result;
    return -1;
  };
  const newFd = () => {
    open.add(nextFd);
    return nextFd++;
  };
  const fillIoctl = (request: number, argument: Uint8Array | number) => {
    if (typeof argument === 'number') return 0;
    const view = new DataView(argument.buffer, argument.byteOffset);
    if (request === 0x800454d2) {
      argument.set(new TextEncoder().encode('fake0'));
      view.setUint16(16, hasHeader ? 0x5002 : 0x1002, true);
    }
    if (request === 0x800454d7) view.setInt32(0, 12, true);
    if (request === 0x800454cf) view.setUint32(0, 0x7173, true);
    if (request === 0x8933) view.setInt32(16, 7, true);
    return 0;
  };
  const unused = () => {
    throw new Error('not part of this fake');
  };

  const libc: Libc = {
    library: 'fake',
    open: (path) => judge(`open ${path}`, newFd),
    close: (fd) => (open.delete(fd) ? 0 : unused()),
    ioctl: (_fd, request, argument) =>
      judge(`ioctl 0x${request.toString(16)}${typeof argument === 'number' ? ` ${argument}` : ''}`, () =>
        fillIoctl(request, argument),
      ),
    socket: (domain) =>
      judge(`socket ${domain}`, () => {
        const fd = newFd();
        if (domain === AF_NETLINK) netlink.add(fd);
        return fd;
      }),
    send: (_fd, message) => judge('send', () => message.length),
    recv: (_fd, buffer) => {
      // An acknowledgement: length 36, type NLMSG_ERROR, error 0.
      buffer.fill(0, 0, 36);
      buffer[0] = 36;
      buffer[4] = 2;
      return 36;
    },
    setns: () => judge('setns', () => 0),
    errno: () => errno,
    addressOf: () => 4096,
    read: unused,
    write: unused,
    readv: unused,
    writev: unused,
    bind: unused,
    eventfd: unused,
    mmap: unused,
    munmap: unused,
    memcpy: unused,
    syscall: unused,
    viewOf: unused,
    poll: unused,
  };
  return { libc, open, calls };
}
