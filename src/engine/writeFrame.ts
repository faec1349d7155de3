import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';

const { EAGAIN, EBADF, EBADFD, EINTR, EMSGSIZE, ENODEV, EPIPE } = errnos;

/** Writes one frame; an interrupted write is tried once more. Returns 0 or an errno, EAGAIN when it has to wait. */
export function writeFrame(libc: Libc, fd: number, address: number, length: number): number {
  const errno = tryWrite(libc, fd, address, length);
  if (errno !== EINTR) return errno;
  const second = tryWrite(libc, fd, address, length);
  return second === EINTR ? EAGAIN : second;
}

/** What a deleted device answers, or a socket whose other side is closed. */
export function isLost(errno: number): boolean {
  return errno === EBADFD || errno === EBADF || errno === ENODEV || errno === EPIPE;
}

function tryWrite(libc: Libc, fd: number, address: number, length: number): number {
  const written = libc.write(fd, address, length);
  if (written === length) return 0;
  return written < 0 ? libc.errno() : EMSGSIZE;
}
