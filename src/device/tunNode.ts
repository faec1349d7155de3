import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from '../sys/fcntl.ts';
import { ifreq, ifreqName } from '../sys/ifreq.ts';
import * as tun from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { systemError, type FailedCall } from '../sys/systemError.ts';
import type { CheckedOptions } from './checkOptions.ts';

/**
 * Opens `/dev/net/tun`, not yet attached to an interface. Wait for the descriptor only after `attachInterface`: until
 * then poll reports an error for good.
 *
 * @throws {TaplineError} `NO_TUN_NODE`, `PERMISSION`, `NOT_SUPPORTED`
 */
export function openTunNode(libc: Libc): number {
  const fd = libc.open(tun.TUN_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd >= 0) return fd;
  const errno = libc.errno();
  throw systemError({
    action: `Cannot open ${tun.TUN_NODE}`,
    syscall: 'open',
    errno,
    path: tun.TUN_NODE,
    ...openFailures[errno],
  });
}

/**
 * Makes, or takes, the interface that `options` name.
 *
 * @throws {TaplineError} `DEVICE_EXISTS`, `PERMISSION`, `NOT_SUPPORTED`, `SYSCALL`
 */
export function attachInterface(libc: Libc, fd: number, options: CheckedOptions): void {
  checkFeatures(libc, fd, options);
  const errno = setInterface(libc, fd, options.name, attachFlags(options));
  if (errno !== 0) throw attachError(options, errno);
}

/**
 * Makes `fd` a further queue of an interface.
 *
 * @param flags those of the interface, as TUNGETIFF tells them
 * @throws {TaplineError} `PERMISSION`, `SYSCALL`
 */
export function joinInterface(libc: Libc, fd: number, name: string, flags: number): void {
  const errno = setInterface(libc, fd, name, (flags & JOIN_FLAGS) | tun.IFF_NO_PI);
  if (errno === 0) return;
  throw systemError({
    action: `Cannot open another queue of ${name}`,
    syscall: 'ioctl(TUNSETIFF)',
    errno,
    ...(errno === errnos.E2BIG ? { remedy: ALL_QUEUES_REMEDY } : {}),
  });
}

/** What a descriptor is attached to. */
export interface Attached {
  /** The name that the kernel chose, or that somebody has given the interface since. */
  readonly name: string;
  /**
   * IFF_* of the interface: TUNSETIFF's echo may lie about them. IFF_DETACH_QUEUE is about the descriptor. IFF_NO_PI says
   * nothing: it has the value of IFF_NOFILTER, which the kernel adds here while no filter is attached.
   */
  readonly flags: number;
}

/**
 * Asks for the interface behind a descriptor.
 *
 * @throws {TaplineError} `DEVICE_GONE` when there is none, `SYSCALL`
 */
export function readAttached(libc: Libc, fd: number): Attached {
  const request = ifreq('');
  if (libc.ioctl(fd, tun.TUNGETIFF, request.bytes) < 0) {
    throw systemError({ action: 'Cannot ask the device', syscall: 'ioctl(TUNGETIFF)', errno: libc.errno() });
  }
  return { name: ifreqName(request), flags: request.union.getUint16(0, true) };
}

/** What to do about E2BIG: MAX_TAP_QUEUES of drivers/net/tun.c, detached ones counted. */
export const ALL_QUEUES_REMEDY = 'the device has all its 256 queues';

/** Bits of TUNGETFEATURES, or the error number as a negative number. */
export function tunFeatures(libc: Libc, fd: number): number {
  const features = new Uint8Array(4);
  if (libc.ioctl(fd, tun.TUNGETFEATURES, features) < 0) return -libc.errno();
  return new DataView(features.buffer).getUint32(0, true);
}

/** What each failure of open(2) says about the system. */
const openFailures: Readonly<Record<number, Partial<FailedCall>>> = {
  [errnos.ENOENT]: {
    code: 'NO_TUN_NODE',
    remedy:
      'the device node is missing: mkdir -p /dev/net && mknod /dev/net/tun c 10 200 (containers: --device /dev/net/tun --cap-add NET_ADMIN)',
  },
  [errnos.EACCES]: {
    code: 'PERMISSION',
    remedy: 'the device node may not be opened by this user: run as root, or chmod 0666 /dev/net/tun',
  },
  [errnos.EPERM]: {
    code: 'PERMISSION',
    remedy: 'the container may not open the device node: --device /dev/net/tun --cap-add NET_ADMIN',
  },
  [errnos.ENODEV]: { code: 'NOT_SUPPORTED', remedy: 'this kernel has no TUN/TAP: modprobe tun' },
  [errnos.ENXIO]: { code: 'NOT_SUPPORTED', remedy: 'this kernel has no TUN/TAP: modprobe tun' },
};

/** What a queue must have in common with the others (TUN_FEATURES of drivers/net/tun.c), and its type. */
const JOIN_FLAGS =
  tun.IFF_TUN |
  tun.IFF_TAP |
  tun.IFF_ONE_QUEUE |
  tun.IFF_VNET_HDR |
  tun.IFF_MULTI_QUEUE |
  tun.IFF_NAPI |
  tun.IFF_NAPI_FRAGS;

/** Returns 0 or the error number. */
function setInterface(libc: Libc, fd: number, name: string, flags: number): number {
  const request = ifreq(name);
  request.union.setUint16(0, flags, true);
  return libc.ioctl(fd, tun.TUNSETIFF, request.bytes) < 0 ? libc.errno() : 0;
}

function attachFlags(options: CheckedOptions): number {
  return (
    (options.kind === 'tap' ? tun.IFF_TAP : tun.IFF_TUN) |
    tun.IFF_NO_PI |
    (options.exclusive ? tun.IFF_TUN_EXCL : 0) |
    (options.virtioHeader ? tun.IFF_VNET_HDR : 0) |
    (options.multiQueue ? tun.IFF_MULTI_QUEUE : 0) |
    (options.napi === 'no' ? 0 : tun.IFF_NAPI)
  );
}

/** The kernel silently ignores flags that it does not know. */
function checkFeatures(libc: Libc, fd: number, options: CheckedOptions): void {
  const features = tunFeatures(libc, fd);
  if (features < 0) return;
  const missing = [
    options.virtioHeader && (features & tun.IFF_VNET_HDR) === 0 ? 'virtio headers' : '',
    options.multiQueue && (features & tun.IFF_MULTI_QUEUE) === 0 ? 'multiple queues' : '',
    options.napi !== 'no' && (features & tun.IFF_NAPI) === 0 ? 'NAPI' : '',
  ].filter((name) => name !== '');
  if (missing.length > 0) {
    throw new TaplineError(
      'NOT_SUPPORTED',
      `Cannot open a ${options.kind} device: this kernel has no ${missing.join(' and no ')}`,
    );
  }
}

function attachError(options: CheckedOptions, errno: number): TaplineError {
  const { kind, name, exclusive } = options;
  return systemError({
    action: name === '' ? `Cannot create a ${kind} device` : `Cannot open ${name}`,
    syscall: 'ioctl(TUNSETIFF)',
    errno,
    ...attachFailure(errno, name, exclusive),
  });
}

function attachFailure(errno: number, name: string, exclusive: boolean): Partial<FailedCall> {
  if (errno === errnos.EBUSY) {
    return {
      code: 'DEVICE_EXISTS',
      remedy: exclusive
        ? 'it exists already: choose another name, or exclusive: false to attach'
        : 'another process holds it',
    };
  }
  // With a checked name and checked flags, only the interface that has the name can be the reason.
  if (errno === errnos.EINVAL && !exclusive && name !== '') {
    return { code: 'DEVICE_EXISTS', remedy: 'an interface of another kind, or with another multiQueue, has this name' };
  }
  if (errno === errnos.E2BIG) return { remedy: ALL_QUEUES_REMEDY };
  return {};
}
