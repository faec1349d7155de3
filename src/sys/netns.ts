import { fstatSync, statSync } from 'node:fs';

import { TaplineError } from '../errors.ts';
import { errnoName, errnos } from './errno.ts';
import { O_CLOEXEC, O_RDONLY } from './fcntl.ts';
import type { Libc } from './libc.ts';
import { Stack } from './stack.ts';

/** A network namespace: its name under /run/netns, a path (with a slash in it), or the id of a process inside it. */
export type NetnsPlace = string | number;

/**
 * Runs `work` with this thread inside a network namespace, and always comes back. Sockets that it opens, and TUN devices
 * that it makes, belong there for good. `work` must be synchronous. Without a place, it runs where
 * the thread is.
 *
 * @throws {TaplineError} `NETNS`
 */
export function inNetns<Result>(libc: Libc, where: NetnsPlace | undefined, work: () => Result): Result {
  if (where === undefined) return work();
  using stack = new Stack();
  const target = stack.adopt(openNamespace(libc, where), libc.close);
  return inNetnsOf(libc, target, String(where), work);
}

/** As `inNetns`, for an open descriptor of the namespace. `label` names it in error texts. */
export function inNetnsOf<Result>(libc: Libc, target: number, label: string, work: () => Result): Result {
  using stack = new Stack();
  // Not /proc/self: that would be the main thread, and a worker may be elsewhere.
  const home = stack.adopt(openPath(libc, '/proc/thread-self/ns/net', 'the current network namespace'), libc.close);
  enter(libc, target, label);
  try {
    return work();
  } finally {
    enter(libc, home, 'the network namespace it came from; this thread is now in the wrong one');
  }
}

/** Whether a descriptor is of the namespace in which this thread is. False where that cannot be told. */
export function isCurrentNamespace(namespace: number): boolean {
  try {
    return fstatSync(namespace).ino === currentNamespace();
  } catch {
    return false;
  }
}

/** The network namespace in which this thread is, as the inode by which `lsns` knows it; 0 without /proc. */
export function currentNamespace(): number {
  return statSync('/proc/thread-self/ns/net', { throwIfNoEntry: false })?.ino ?? 0;
}

/** Path of a namespace, without looking whether it exists. */
export function netnsPath(where: NetnsPlace): string {
  if (typeof where === 'number') return `/proc/${where}/ns/net`;
  return where.includes('/') ? where : `/run/netns/${where}`;
}

/** `<linux/sched.h>`: setns(2) then refuses what is not a network namespace. */
const CLONE_NEWNET = 0x40000000;

function openNamespace(libc: Libc, where: NetnsPlace): number {
  return openPath(libc, netnsPath(where), describe(where));
}

function describe(where: NetnsPlace): string {
  if (typeof where === 'number') return `the network namespace of process ${where}`;
  return `network namespace ${where}`;
}

function openPath(libc: Libc, path: string, label: string): number {
  const fd = libc.open(path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) throw netnsError(`Cannot open ${label}`, 'open', libc.errno(), path);
  return fd;
}

function enter(libc: Libc, fd: number, label: string): void {
  if (libc.setns(fd, CLONE_NEWNET) < 0) throw netnsError(`Cannot enter ${label}`, 'setns', libc.errno());
}

function netnsError(action: string, syscall: string, errno: number, path?: string): TaplineError {
  const remedy = remedies[errno];
  const text = `${action}: ${syscall} failed with ${errnoName(errno)}`;
  return new TaplineError('NETNS', remedy === undefined ? text : `${text}: ${remedy}`, {
    errno,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
}

const remedies: Readonly<Record<number, string>> = {
  [errnos.ENOENT]: 'there is no such namespace; make one with ip netns add NAME',
  [errnos.EPERM]: 'entering a namespace needs CAP_SYS_ADMIN, here and in the user namespace that owns it',
  [errnos.EACCES]: 'the process belongs to another user; run as root',
  [errnos.EINVAL]: 'that file is not a network namespace',
};
