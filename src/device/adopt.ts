import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { F_GETFD, F_GETFL, F_SETFD, F_SETFL, FD_CLOEXEC, O_NONBLOCK } from '../sys/fcntl.ts';
import { IFF_TAP } from '../sys/ifTun.ts';
import { type Libc, loadLibc } from '../sys/libc.ts';
import { linkIndex, linkMac, openControlSocket } from '../sys/link.ts';
import { readLink } from '../sys/linkMessage.ts';
import { Stack } from '../sys/stack.ts';
import { systemError } from '../sys/systemError.ts';
import type { CreatedInterface } from './createInterface.ts';
import type { Device } from './device.ts';
import { inDeviceNetns } from './deviceNetns.ts';
import { grantOffloads } from './grantOffloads.ts';
import { readHeader } from './header.ts';
import type { Identity } from './identity.ts';
import { formatMac } from './mac.ts';
import { isOwned } from './queueCore.ts';
import { readOffloads } from './readOffloads.ts';
import { TunDevice } from './tunDevice.ts';
import { describeTun } from './tunInfo.ts';
import { type Attached, readAttached } from './tunNode.ts';

/**
 * Makes a device of a descriptor that somebody else has opened and attached: a parent process, or a service manager. It
 * becomes non-blocking and close-on-exec; kind, name, header size, queue flags and offloads are read back from the
 * kernel. Where frames have no virtio header, offloads that somebody left are switched off.
 *
 * The device owns the descriptor from then on. When this throws, it is the caller's as before.
 *
 * @throws {TypeError} not a descriptor, or one that a device of this thread owns already
 * @throws {TaplineError} `SYSCALL` (EBADF: it is not open; ENOTTY: it is no TUN/TAP descriptor), `DEVICE_GONE` no
 * interface is attached to it, `NOT_SUPPORTED` it was opened without IFF_NO_PI, `NETNS` the interface is elsewhere
 */
export async function adoptDevice(fd: number): Promise<Device> {
  checkDescriptor(fd);
  const libc = await loadLibc();
  const attached = readForeign(libc, fd);
  return new TunDevice(libc, kindOf(attached), adoptInterface(libc, fd, attached));
}

/** Reads back what the interface behind `fd` is. When a step fails, the descriptor is as it was. */
export function adoptInterface(libc: Libc, fd: number, attached: Attached): CreatedInterface {
  using stack = new Stack();
  const { name, flags } = attached;
  addFlag(libc, fd, stack, [F_GETFL, F_SETFL, O_NONBLOCK]);
  addFlag(libc, fd, stack, [F_GETFD, F_SETFD, FD_CLOEXEC]);
  const driver = { libc, fd, name };
  const headerBytes = readHeader(driver, flags);
  const identity: Identity = { kind: kindOf(attached), name, index: 0, flags, headerBytes };
  const open = () => stack.adopt(openControlSocket(libc), libc.close);
  const controlSocket = inDeviceNetns(libc, fd, identity, open);
  const link = { libc, socket: controlSocket, name: identity.name };
  if (describeTun(readLink(link)).pi === true) {
    const text = `Cannot adopt ${link.name}: each frame begins with packet information: open it with IFF_NO_PI`;
    throw new TaplineError('NOT_SUPPORTED', text);
  }
  const index = linkIndex(link);
  const mac = identity.kind === 'tap' ? formatMac(linkMac(link)) : null;
  const offloads = headerBytes > 0 ? readOffloads(link) : grantOffloads(driver, 0, 0);
  stack.move();
  return { fd, controlSocket, name: identity.name, index, mac, flags, headerBytes, offloads, refusedOffloads: 0 };
}

function checkDescriptor(fd: unknown): void {
  if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new TypeError(`Expected a file descriptor, got ${String(fd)}`);
  }
  if (isOwned(fd)) throw new TypeError(`Cannot adopt descriptor ${fd}: a device of this thread owns it`);
}

function kindOf({ flags }: Attached): 'tap' | 'tun' {
  return (flags & IFF_TAP) !== 0 ? 'tap' : 'tun';
}

/** As `readAttached`, for a descriptor of which nothing is known. */
function readForeign(libc: Libc, fd: number): Attached {
  try {
    return readAttached(libc, fd);
  } catch (error) {
    const errno = error instanceof TaplineError ? error.errno : undefined;
    if (errno === undefined) throw error;
    const remedy = remedies[errno] ?? 'it is no TUN/TAP descriptor';
    throw systemError({ action: `Cannot adopt descriptor ${fd}`, syscall: 'ioctl(TUNGETIFF)', errno, remedy });
  }
}

const remedies: Readonly<Record<number, string>> = {
  [errnos.EBADF]: 'it is not open',
  [errnos.EBADFD]: 'its interface was deleted, or it was never attached to one',
};

function addFlag(libc: Libc, fd: number, stack: Stack, [get, set, flag]: readonly [number, number, number]): void {
  const before = libc.fcntl(fd, get, 0);
  const errno = before < 0 || libc.fcntl(fd, set, before | flag) < 0 ? libc.errno() : 0;
  if (errno !== 0) throw systemError({ action: `Cannot adopt descriptor ${fd}`, syscall: 'fcntl', errno });
  stack.adopt(before, (flags) => libc.fcntl(fd, set, flags));
}
