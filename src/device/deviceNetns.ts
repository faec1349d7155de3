import { TaplineError } from '../errors.ts';
import { errnoName } from '../sys/errno.ts';
import { TUNGETDEVNETNS } from '../sys/ifTun.ts';
import type { Libc } from '../sys/libc.ts';
import { linkIndex, openControlSocket } from '../sys/link.ts';
import { inNetnsOf, isCurrentNamespace } from '../sys/netns.ts';
import { Stack } from '../sys/stack.ts';
import type { Identity } from './identity.ts';
import { readAttached } from './tunNode.ts';

/**
 * Runs `work` inside the network namespace where the interface of `fd` is now. Where the kernel does not tell it (before
 * Linux 5.2, or without CAP_NET_ADMIN there), that must be the namespace of this thread.
 *
 * @throws {TaplineError} `DEVICE_GONE`, `NETNS`
 */
export function inDeviceNetns<Result>(libc: Libc, fd: number, identity: Identity, work: () => Result): Result {
  using stack = new Stack();
  identity.name = readAttached(libc, fd).name;
  const namespace = libc.ioctl(fd, TUNGETDEVNETNS, 0);
  if (namespace < 0) {
    checkIsHere(libc, identity, libc.errno());
    return work();
  }
  stack.adopt(namespace, libc.close);
  return isCurrentNamespace(namespace)
    ? work()
    : inNetnsOf(libc, namespace, `the network namespace of ${identity.name}`, work);
}

/** Another interface here may have the name; its number would be another one, where we know it (not 0). */
function checkIsHere(libc: Libc, { name, index }: Identity, errno: number): void {
  const found = indexHere(libc, name);
  if (found !== null && (found === index || index === 0)) return;
  throw new TaplineError(
    'NETNS',
    `Cannot find ${name}: it is in another network namespace, and ioctl(TUNGETDEVNETNS) failed with ${errnoName(errno)}`,
    { errno, syscall: 'ioctl(TUNGETDEVNETNS)' },
  );
}

function indexHere(libc: Libc, name: string): number | null {
  using stack = new Stack();
  const socket = stack.adopt(openControlSocket(libc), libc.close);
  try {
    return linkIndex({ libc, socket, name });
  } catch {
    return null;
  }
}
