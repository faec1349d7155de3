import { TaplineError } from '../errors.ts';
import { IFF_PERSIST, IFF_VNET_HDR, TUNSETPERSIST } from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { type Link, linkMac, openControlSocket } from '../sys/link.ts';
import { readLink } from '../sys/linkMessage.ts';
import { inNetns } from '../sys/netns.ts';
import { Stack } from '../sys/stack.ts';
import type { CheckedOptions } from './checkOptions.ts';
import { configureLink } from './configureLink.ts';
import { grantOffloads, refusedOffloads } from './grantOffloads.ts';
import { readHeader, setHeader } from './header.ts';
import { clearLeftovers } from './leftovers.ts';
import { formatMac } from './mac.ts';
import { readOffloads } from './readOffloads.ts';
import { describeTun } from './tunInfo.ts';
import { attachInterface, openTunNode, readAttached } from './tunNode.ts';
import type { Driver } from './tunRequest.ts';
import { setCarrier, setGroup, setOwner, setPersist, setSendBuffer } from './tunSettings.ts';

/** An interface and the descriptors that go with it. */
export interface CreatedInterface {
  /** Non-blocking and close-on-exec; closing it removes the interface, unless that is persistent or shared. */
  readonly fd: number;
  /** In the interface's network namespace, for later questions. */
  readonly controlSocket: number;
  readonly name: string;
  readonly index: number;
  readonly mac: string | null;
  /** IFF_* as TUNGETIFF tells them. */
  readonly flags: number;
  readonly headerBytes: number;
  /** Mask of what is in force. */
  readonly offloads: number;
  /** Mask of what shall never be asked for, because this kernel gets it wrong. */
  readonly refusedOffloads: number;
}

/**
 * Makes the interface, or attaches to it, and sets it up. When a step fails, no descriptor is left, and no interface that
 * was not there before; one that was may have some of its settings changed.
 */
export function createInterface(libc: Libc, options: CheckedOptions): CreatedInterface {
  using stack = new Stack();
  const created = inNetns(libc, options.netns, () => createHere(libc, options, stack));
  // Not before: coming back from the namespace may fail too.
  stack.move();
  return created;
}

function createHere(libc: Libc, options: CheckedOptions, stack: Stack): CreatedInterface {
  const fd = stack.adopt(openTunNode(libc), libc.close);
  attachInterface(libc, fd, options);
  const { name, flags } = readAttached(libc, fd);
  checkVirtioHeader(name, flags, options.virtioHeader);
  const controlSocket = stack.adopt(openControlSocket(libc), libc.close);
  const link: Link = { libc, socket: controlSocket, name };
  const driver: Driver = { libc, fd, name };
  const isShared = options.multiQueue && !options.exclusive && hasOtherQueues(link);
  const headerBytes = isShared ? readHeader(driver, flags) : options.virtioHeader ? setHeader(driver) : 0;
  const refused = options.verifyOffloads ? refusedOffloads(libc) : 0;
  const isAsFound = isShared && options.offloads === undefined;
  const offloads = isAsFound ? readOffloads(link) : grantOffloads(driver, options.offloads ?? 0, refused);
  if (!options.exclusive && !isShared) clearLeftovers(driver);
  if (options.sendBufferBytes !== undefined) setSendBuffer(driver, options.sendBufferBytes);
  if (options.carrier !== undefined) setCarrier(driver, options.carrier);
  const index = configureLink(link, options);
  const mac = options.kind === 'tap' ? formatMac(linkMac(link)) : null;
  makeLasting(driver, flags, options, stack);
  return { fd, controlSocket, name, index, mac, flags, headerBytes, offloads, refusedOffloads: refused };
}

/** The header belongs to the device, not to the descriptor: an existing queue decides for all later ones. */
function checkVirtioHeader(name: string, flags: number, wanted: boolean): void {
  const has = (flags & IFF_VNET_HDR) !== 0;
  if (has === wanted) return;
  throw new TaplineError(
    'DEVICE_EXISTS',
    `Cannot open ${name}: it exists ${has ? 'with' : 'without'} a virtio header: open it with virtioHeader: ${String(has)}`,
  );
}

/**
 * Whether others hold the device too; no where the kernel (before Linux 4.18) does not tell. What they have decided holds
 * for this queue, whatever it asked for.
 */
function hasOtherQueues(link: Link): boolean {
  const { numqueues = 1, numdisabled = 0, pi = false } = describeTun(readLink(link));
  if (pi) {
    const text = `Cannot open ${link.name}: it exists, and each of its frames begins with packet information`;
    throw new TaplineError('DEVICE_EXISTS', text);
  }
  return numqueues + numdisabled > 1;
}

/** The last steps; what still may fail behind them undoes the one that matters. */
function makeLasting(driver: Driver, flags: number, options: CheckedOptions, stack: Stack): void {
  if (options.owner !== undefined) setOwner(driver, options.owner);
  if (options.group !== undefined) setGroup(driver, options.group);
  const wasPersistent = (flags & IFF_PERSIST) !== 0;
  if (options.persist === undefined || options.persist === wasPersistent) return;
  setPersist(driver, options.persist);
  stack.adopt(wasPersistent ? 1 : 0, (before) => driver.libc.ioctl(driver.fd, TUNSETPERSIST, before));
}
