/** Flags of open(2), eventfd(2) and socket(2), the same on x86-64, arm64, riscv64 and loong64 (`<asm-generic/fcntl.h>`). */
export const O_RDONLY = 0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
/** Without it a spawned child would keep the device alive after us. */
export const O_CLOEXEC = 0o2000000;

/** Commands of fcntl(2), `<asm-generic/fcntl.h>`, and the one flag of a descriptor. */
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const FD_CLOEXEC = 1;

/** `<sys/eventfd.h>` */
export const EFD_NONBLOCK = O_NONBLOCK;
export const EFD_CLOEXEC = O_CLOEXEC;

/** `<linux/net.h>` and `<linux/socket.h>` */
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = O_NONBLOCK;
export const SOCK_CLOEXEC = O_CLOEXEC;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
/** recv(2) returns the length of the message even when the buffer is shorter. */
export const MSG_TRUNC = 0x20;
