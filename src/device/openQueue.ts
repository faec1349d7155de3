import { IFF_MULTI_QUEUE } from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { Stack } from '../sys/stack.ts';
import { inDeviceNetns } from './deviceNetns.ts';
import { grantOffloads } from './grantOffloads.ts';
import type { Identity } from './identity.ts';
import { joinInterface, openTunNode } from './tunNode.ts';
import { type Driver, tunNumber } from './tunRequest.ts';
import { setSendBuffer } from './tunSettings.ts';

/**
 * Opens a further queue of a device: in its network namespace, with its flags and its offload mask.
 *
 * @param fd an open queue of it
 * @param offloads the mask that is in force: all queues share it, so it must be given again unchanged
 * @returns the descriptor of the new queue
 * @throws {TypeError} when the device has one queue
 * @throws {TaplineError} `DEVICE_GONE`, `NETNS`, `PERMISSION`, `NO_TUN_NODE`, `SYSCALL`
 */
export function openQueue(libc: Libc, fd: number, identity: Identity, offloads: number): number {
  if ((identity.flags & IFF_MULTI_QUEUE) === 0) {
    throw new TypeError(`Cannot open another queue of ${identity.name}: open it with multiQueue: true`);
  }
  using stack = new Stack();
  const further = inDeviceNetns(libc, fd, identity, () => openHere(libc, fd, identity, offloads, stack));
  // Not before: coming back from the namespace may fail too.
  stack.move();
  return further;
}

function openHere(libc: Libc, fd: number, { name, flags }: Identity, offloads: number, stack: Stack): number {
  const further = stack.adopt(openTunNode(libc), libc.close);
  joinInterface(libc, further, name, flags);
  const driver: Driver = { libc, fd: further, name };
  grantOffloads(driver, offloads, 0);
  // A new queue begins without a limit, whatever the others have.
  const bytes = tunNumber({ libc, fd, name }, 'TUNGETSNDBUF');
  if (bytes !== tunNumber(driver, 'TUNGETSNDBUF')) setSendBuffer(driver, bytes);
  return further;
}
