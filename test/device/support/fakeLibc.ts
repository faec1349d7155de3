import type { Libc } from '../../../src/sys/libc.ts';
import { attribute } from '../../../src/sys/netlink.ts';
import {
  IFINFOMSG_BYTES,
  IFLA_INFO_DATA,
  IFLA_LINKINFO,
  IFLA_TUN_NUM_QUEUES,
  IFLA_TUN_PI,
  RTM_GETLINK,
  RTM_NEWLINK,
} from '../../../src/sys/rtnetlink.ts';

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

/** What the fake device is like. */
export interface FakeDevice {
  /** Flags of TUNGETIFF. Default: a TAP device without virtio header and packet information. */
  readonly flags?: number;
  /** Queues of the device, the one that is opened included. Default 1. */
  readonly queues?: number;
  /** Whether rtnetlink says that frames begin with packet information. Default false. */
  readonly hasPi?: boolean;
  /** Answers write(2): 0, or the error number. Default EIO, since the interface is down. */
  readonly write?: () => number;
}

/**
 * A C library without a system. `answer` is asked for each `open`, `socket`, `bind`, `setns`, `send`, `fcntl` and
 * `ioctl`; by default all succeed, and TUNGETIFF, TUNGETVNETHDRSZ and rtnetlink describe `device`. Calls that fail
 * without being asked for: read (EAGAIN).
 */
export function fakeKernel(answer: Answer = () => undefined, device: FakeDevice | boolean = {}): FakeKernel {
  const {
    flags,
    queues = 1,
    hasPi = false,
    write = () => EIO,
  } = typeof device === 'boolean' ? { flags: device ? 0x5002 : 0x1002 } : device;
  const open = new Set<number>();
  const calls: string[] = [];
  let lastRequest: Uint8Array = new Uint8Array(0);
  let errno = 0;
  let nextFd = 100;

  const judge = (call: string, succeed: () => number): number => {
    calls.push(call);
    const result = answer(call, calls.length) ?? succeed();
    if (result >= 0) return result;
    errno = -result;
    return -1;
  };
  const fail = (number: number) => {
    errno = number;
    return -1;
  };
  const newFd = () => {
    open.add(nextFd);
    return nextFd++;
  };
  const release = (fd: number) => (open.delete(fd) ? 0 : unused());
  const fillIoctl = (request: number, argument: Uint8Array | number) => {
    if (request === 0x54e3) return newFd();
    if (typeof argument === 'number') return 0;
    const view = new DataView(argument.buffer, argument.byteOffset);
    if (request === 0x800454d2) {
      argument.set(new TextEncoder().encode('fake0'));
      view.setUint16(16, flags ?? 0x1002, true);
    }
    if (request === 0x800454d7) view.setInt32(0, 12, true);
    if (request === 0x800454d3) view.setInt32(0, 0x7fffffff, true);
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
    close: release,
    closeInBackground: release,
    fcntl: (_fd, command, argument) => judge(`fcntl ${command} ${argument}`, () => 0),
    ioctl: (_fd, request, argument) =>
      judge(`ioctl 0x${request.toString(16)}${typeof argument === 'number' ? ` ${argument}` : ''}`, () =>
        fillIoctl(request, argument),
      ),
    socket: (domain) => judge(`socket ${domain}`, newFd),
    bind: () => judge('bind', () => 0),
    send: (_fd, message) =>
      judge('send', () => {
        lastRequest = message;
        return message.length;
      }),
    recv: (_fd, buffer) => answerRequest(lastRequest, buffer, linkBody(queues, hasPi)),
    setns: () => judge('setns', () => 0),
    errno: () => errno,
    addressOf: () => 4096,
    read: () => fail(EAGAIN),
    write: (_fd, _address, bytes) => {
      const number = write();
      return number === 0 ? bytes : fail(number);
    },
    // fsconfig returns 0, fsopen and fsmount a descriptor.
    syscall: (number) => judge(`syscall ${number}`, () => (number === 431 ? 0 : newFd())),
    readv: unused,
    writev: unused,
    adopt: (fd) => fd,
    eventfd: unused,
    dup3: unused,
    epollCreate1: unused,
    epollCtl: unused,
    mmap: unused,
    munmap: unused,
    memcpy: unused,
    viewOf: unused,
    poll: unused,
  };
  return { libc, open, calls };
}

const EIO = 5;
const EAGAIN = 11;

/** What rtnetlink answers: a link for RTM_GETLINK, an acknowledgement for everything else. */
function answerRequest(request: Uint8Array, buffer: Uint8Array, link: Uint8Array): number {
  const body = request[4] === RTM_GETLINK ? link : new Uint8Array(20);
  const length = 16 + body.length;
  buffer.fill(0, 0, length);
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  view.setUint32(0, length, true);
  view.setUint16(4, request[4] === RTM_GETLINK ? RTM_NEWLINK : NLMSG_ERROR, true);
  buffer.set(request.subarray(8, 12), 8);
  buffer.set(body, 16);
  return length;
}

function linkBody(queues: number, hasPi: boolean): Uint8Array {
  const word = (value: number) => Uint8Array.of(value & 255, value >> 8, 0, 0);
  const pi = attribute(IFLA_TUN_PI, Uint8Array.of(hasPi ? 1 : 0));
  const data = attribute(IFLA_INFO_DATA, Uint8Array.of(...attribute(IFLA_TUN_NUM_QUEUES, word(queues)), ...pi));
  const body = Uint8Array.of(...new Uint8Array(IFINFOMSG_BYTES), ...attribute(IFLA_LINKINFO, data));
  new DataView(body.buffer).setInt32(4, 7, true);
  return body;
}

const NLMSG_ERROR = 2;
