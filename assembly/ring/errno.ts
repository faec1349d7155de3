// `<asm-generic/errno-base.h>`, `<asm-generic/errno.h>`: those that the driver tells apart.

const EIO = 5;
const EINTR = 4;
const EBADF = 9;
const EAGAIN = 11;
const ENODEV = 19;
const EPIPE = 32;
const EBADFD = 77;
const ECANCELED = 125;

export const EINVAL = 22;
export const EMSGSIZE = 90;
export const ENOBUFS = 105;
export { ENODEV, EIO };

/** There was no room, or a signal came: the same may work later. */
export function isLater(errno: i32): bool {
  return errno == EAGAIN || errno == EINTR;
}

/** What a deleted device answers, or a socket whose other side is closed. */
export function isLost(errno: i32): bool {
  return errno == EBADFD || errno == EBADF || errno == ENODEV || errno == EPIPE;
}

/** A read ends so when there are no more buffers, or when it is told to end. */
export function isPlainEnd(errno: i32): bool {
  return errno == ENOBUFS || errno == ECANCELED || isLater(errno);
}
