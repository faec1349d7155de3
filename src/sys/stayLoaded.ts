import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** dlopen(3). */
type DlOpen = (path: string, flags: number) => unknown;

/** `<dlfcn.h>`: RTLD_LAZY, RTLD_NOLOAD, and RTLD_NODELETE, which keeps a library for as long as the process lives. */
const STAY = 0x1 | 0x4 | 0x1000;

/**
 * Keeps koffi's machine code in memory when a worker thread ends. Node unloads an add-on with the last thread that uses
 * it; but while a thread that was terminated is taken down, libuv calls back into koffi to free its poll handles, after
 * that (koffi 3.3.4). The process would crash.
 */
export function stayLoaded(dlOpen: () => DlOpen): void {
  if (isMainThread) return;
  const path = /\S+\/koffi\.node$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];
  if (path !== undefined) dlOpen()(path, STAY);
}
