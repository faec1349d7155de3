import type { Libc } from './libc.ts';

/** System calls of io_uring (`<asm-generic/unistd.h>`; x86-64 has the same numbers). */
export const SYS_IO_URING_SETUP = 425;
export const SYS_IO_URING_ENTER = 426;
export const SYS_IO_URING_REGISTER = 427;

/** `struct io_uring_params` of `<linux/io_uring.h>`. */
export const IO_URING_PARAMS_BYTES = 120;

/** Makes the smallest ring and closes it. Returns 0, or the error number: EPERM where a sandbox forbids io_uring. */
export function tryIoUring(libc: Libc): number {
  const params = new Uint8Array(IO_URING_PARAMS_BYTES);
  const fd = libc.syscall(SYS_IO_URING_SETUP, 2, libc.addressOf(params), 0, 0, 0, 0);
  if (fd < 0) return libc.errno();
  libc.close(fd);
  return 0;
}
