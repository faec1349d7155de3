import type { Libc } from './libc.ts';

/** `<sys/epoll.h>` */
export const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;

/** `struct epoll_event` with EPOLLIN: events u32, data u64; 12 bytes on x86-64, and with padding 16 elsewhere. */
const READABLE = Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? EPOLLIN : 0));

/**
 * Adds `fd` to an epoll descriptor, which is readable from then on while `fd` is. Returns 0, or -1 with errno: EEXIST when
 * it is there already.
 */
export function addReadable(libc: Libc, epollFd: number, fd: number): number {
  return libc.epollCtl(epollFd, EPOLL_CTL_ADD, fd, READABLE);
}

/** Takes it out again. Returns 0, or -1 with errno. */
export function remove(libc: Libc, epollFd: number, fd: number): number {
  return libc.epollCtl(epollFd, EPOLL_CTL_DEL, fd, READABLE);
}
