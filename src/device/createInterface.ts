import { TaplineError } from '../errors.ts';
import { IFF_UP } from '../sys/interfaceFlags.ts';
import * as tun from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import {
  changeLinkFlags,
  type Link,
  linkIndex,
  linkMac,
  openControlSocket,
  setLinkMac,
  setLinkMtu,
  setLinkQueueLength,
} from '../sys/link.ts';
import { inNetns } from '../sys/netns.ts';
import { Stack } from '../sys/stack.ts';
import { systemError } from '../sys/systemError.ts';
import { addAddress } from './address.ts';
import type { CheckedOptions } from './checkOptions.ts';
import { formatMac } from './mac.ts';
import { negotiateOffloads } from './negotiate.ts';
import { attachInterface, openTunNode, readAttached } from './tunNode.ts';
import { VIRTIO_HEADER_BYTES } from './virtioHeader.ts';

/** An interface and the descriptors that go with it. */
export interface CreatedInterface {
  /** Non-blocking and close-on-exec; closing it removes the interface. */
  readonly fd: number;
  /** A datagram socket in the interface's network namespace, for later questions. */
  readonly controlSocket: number;
  readonly name: string;
  readonly index: number;
  readonly mac: string | null;
  readonly headerBytes: number;
  readonly offloads: number;
}

/** Makes the interface and sets it up. When a step fails, neither an interface nor a descriptor is left. */
export function createInterface(libc: Libc, options: CheckedOptions): CreatedInterface {
  using stack = new Stack();
  const created = inNetns(libc, options.netns, () => createHere(libc, options, stack));
  // Not before: coming back from the namespace may fail too.
  stack.move();
  return created;
}

/**
 * Negotiates the offload mask. It is set even when it is 0: a persistent device keeps the mask of its last user.
 *
 * @returns what was granted
 */
export function setOffloadMask(libc: Libc, fd: number, name: string, mask: number): number {
  const { granted, errno } = negotiateOffloads(mask, (attempt) =>
    libc.ioctl(fd, tun.TUNSETOFFLOAD, attempt) < 0 ? libc.errno() : 0,
  );
  if (errno !== 0) {
    throw systemError({ action: `Cannot set the offloads of ${name}`, syscall: 'ioctl(TUNSETOFFLOAD)', errno });
  }
  return granted;
}

function createHere(libc: Libc, options: CheckedOptions, stack: Stack): CreatedInterface {
  const fd = stack.adopt(openTunNode(libc), libc.close);
  attachInterface(libc, fd, options);
  const { name, hasVirtioHeader } = readAttached(libc, fd);
  checkVirtioHeader(name, hasVirtioHeader, options.virtioHeader);
  const headerBytes = hasVirtioHeader ? setHeader(libc, fd, name) : 0;
  const offloads = setOffloadMask(libc, fd, name, options.offloads);
  const controlSocket = stack.adopt(openControlSocket(libc), libc.close);
  const link: Link = { libc, socket: controlSocket, name };
  const index = configure(link, options);
  const mac = options.kind === 'tap' ? formatMac(linkMac(link)) : null;
  return { fd, controlSocket, name, index, mac, headerBytes, offloads };
}

/** The header belongs to the device, not to the descriptor: an existing queue decides for all later ones. */
function checkVirtioHeader(name: string, has: boolean, wanted: boolean): void {
  if (has === wanted) return;
  throw new TaplineError(
    'DEVICE_EXISTS',
    `Cannot open ${name}: it exists ${has ? 'with' : 'without'} a virtio header: open it with virtioHeader: ${String(has)}`,
  );
}

/** 12 bytes, little-endian whatever the host; the size is read back, because everything later counts on it. */
function setHeader(libc: Libc, fd: number, name: string): number {
  const size = new Uint8Array(4);
  const view = new DataView(size.buffer);
  view.setInt32(0, VIRTIO_HEADER_BYTES, true);
  request(libc, fd, name, 'TUNSETVNETHDRSZ', size);
  view.setInt32(0, 1, true);
  // Before Linux 4.0 it does not exist, and the host's order, little-endian on all supported systems, holds.
  libc.ioctl(fd, tun.TUNSETVNETLE, size);
  request(libc, fd, name, 'TUNGETVNETHDRSZ', size);
  const bytes = view.getInt32(0, true);
  if (bytes !== VIRTIO_HEADER_BYTES) {
    throw new TaplineError('NOT_SUPPORTED', `Cannot open ${name}: its virtio header has ${bytes} bytes instead of 12`);
  }
  return bytes;
}

function request(
  libc: Libc,
  fd: number,
  name: string,
  call: 'TUNSETVNETHDRSZ' | 'TUNGETVNETHDRSZ',
  argument: Uint8Array,
): void {
  if (libc.ioctl(fd, tun[call], argument) < 0) {
    throw systemError({ action: `Cannot open ${name}`, syscall: `ioctl(${call})`, errno: libc.errno() });
  }
}

/** Everything that needs the interface down comes before it is taken up. */
function configure(link: Link, options: CheckedOptions): number {
  const index = linkIndex(link);
  if (options.mac !== undefined) setLinkMac(link, options.mac);
  if (options.mtu !== undefined) setLinkMtu(link, options.mtu);
  if (options.txQueueLength !== undefined) setLinkQueueLength(link, options.txQueueLength);
  for (const address of options.addresses) addAddress(link.libc, link.name, index, address);
  changeLinkFlags(link, options.interfaceFlags | (options.up ? IFF_UP : 0));
  return index;
}
