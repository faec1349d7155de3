import { readFileSync } from 'node:fs';

import { errnos } from './errno.ts';
import { O_CLOEXEC, O_WRONLY } from './fcntl.ts';
import type { Libc } from './libc.ts';
import { Stack } from './stack.ts';

/**
 * Gives each NAPI instance of an interface of the current network namespace a kernel thread (Linux 5.12).
 *
 * @returns 0 or the error number: ENOENT where the kernel, or /sys, does not have the switch
 */
export function setThreadedNapi(libc: Libc, name: string, index: number): number {
  return writeInOwnSysfs(libc, name) ?? writeInSys(libc, name, index);
}

/**
 * A sysfs shows the interfaces of the namespace in which it was mounted, which /sys need not be. So one is made for the
 * purpose, mounted nowhere: that needs CAP_SYS_ADMIN and Linux 5.2. Returns null where that cannot be.
 */
function writeInOwnSysfs(libc: Libc, name: string): number | null {
  using stack = new Stack();
  const type = new TextEncoder().encode('sysfs\0');
  const context = libc.syscall(SYS_FSOPEN, libc.addressOf(type), FSOPEN_CLOEXEC, 0, 0, 0, 0);
  if (context < 0) return null;
  stack.adopt(context, libc.close);
  if (libc.syscall(SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0, 0) < 0) return null;
  const mount = libc.syscall(SYS_FSMOUNT, context, FSMOUNT_CLOEXEC, 0, 0, 0, 0);
  if (mount < 0) return null;
  stack.adopt(mount, libc.close);
  return switchOn(libc, `/proc/thread-self/fd/${mount}/class/net/${name}/threaded`);
}

function writeInSys(libc: Libc, name: string, index: number): number {
  // The interface of another namespace may have the same name; hardly ever the same number too.
  return indexInSys(name) === index ? switchOn(libc, `/sys/class/net/${name}/threaded`) : errnos.ENOENT;
}

function indexInSys(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
  } catch {
    return -1;
  }
}

function switchOn(libc: Libc, path: string): number {
  using stack = new Stack();
  const file = libc.open(path, O_WRONLY | O_CLOEXEC, 0);
  if (file < 0) return libc.errno();
  stack.adopt(file, libc.close);
  const text = new TextEncoder().encode('1\n');
  return libc.write(file, libc.addressOf(text), text.length) < 0 ? libc.errno() : 0;
}

/** `<asm-generic/unistd.h>`; x86-64 has the same numbers. */
const SYS_FSOPEN = 430;
const SYS_FSCONFIG = 431;
const SYS_FSMOUNT = 432;
/** `<linux/mount.h>` */
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
