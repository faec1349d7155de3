import type { Libc } from './libc.ts';

/** `<sys/epoll.h>` */
export const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;

/** `struct epoll_event`: events u32, data u64; without padding on x86-64, 16 bytes elsewhere. */
const EVENT_BYTES = 16;

/**
 * Adds `fd` to an epoll descriptor, which is readable from then on while `fd` is. Returns 0, or -1 with errno: EEXIST when
 * it is there already.
 */
export function addReadable(libc: Libc, epollFd: number, fd: number): number {
  const event = new Uint8Array(EVENT_BYTES);
  new DataView(event.buffer).setUint32(0, EPOLLIN, true);
  return libc.epollCtl(epollFd, EPOLL_CTL_ADD, fd, event);
}

/** Takes it out again. Returns 0, or -1 with errno. */
export function remove(libc: Libc, epollFd: number, fd: number): number {
  return libc.epollCtl(epollFd, EPOLL_CTL_DEL, fd, new Uint8Array(EVENT_BYTES));
}
