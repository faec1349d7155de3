import type { Libc } from './libc.ts';

/** System calls of io_uring (`<asm-generic/unistd.h>`; x86-64 has the same numbers). */
export const SYS_IO_URING_SETUP = 425;
export const SYS_IO_URING_ENTER = 426;
export const SYS_IO_URING_REGISTER = 427;

/** Flags of io_uring_setup(2), `<linux/io_uring.h>`. The comment names the kernel that brought each. */
export const IORING_SETUP_CQSIZE = 1 << 3; // 5.5
export const IORING_SETUP_R_DISABLED = 1 << 6; // 5.10
export const IORING_SETUP_SUBMIT_ALL = 1 << 7; // 5.18
export const IORING_SETUP_TASKRUN_FLAG = 1 << 9; // 5.19
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12; // 6.0
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13; // 6.1
export const IORING_SETUP_NO_MMAP = 1 << 14; // 6.5
export const IORING_SETUP_NO_SQARRAY = 1 << 16; // 6.6

/** Flag of io_uring_enter(2): do what the ring has put off, and post its completions. */
export const IORING_ENTER_GETEVENTS = 1;

/** Operations of io_uring_register(2). */
export const IORING_REGISTER_FILES = 2;
export const IORING_UNREGISTER_FILES = 3;
export const IORING_REGISTER_EVENTFD = 4;
export const IORING_UNREGISTER_EVENTFD = 5;
export const IORING_REGISTER_PROBE = 8;
export const IORING_REGISTER_ENABLE_RINGS = 12;
export const IORING_REGISTER_PBUF_RING = 22;
export const IORING_UNREGISTER_PBUF_RING = 23;
export const IORING_REGISTER_SYNC_CANCEL = 24;

/** The newest operation that the engine needs: Linux 6.7. */
export const IORING_OP_READ_MULTISHOT = 49;

/** `struct io_uring_params`: offsets of the fields that are used here. */
export const IO_URING_PARAMS_BYTES = 120;
export const PARAMS_CQ_ENTRIES = 4;
export const PARAMS_FLAGS = 8;
/** `struct io_sqring_offsets`: head 0, tail 4, ring_mask 8, ring_entries 12, flags 16, …, user_addr 32. */
export const PARAMS_SQ_OFF = 40;
/** `struct io_cqring_offsets`: head 0, tail 4, ring_mask 8, ring_entries 12, overflow 16, cqes 20, flags 24, user_addr 32. */
export const PARAMS_CQ_OFF = 80;
export const RING_OFF_HEAD = 0;
export const RING_OFF_TAIL = 4;
export const SQ_OFF_FLAGS = 16;
export const CQ_OFF_CQES = 20;
export const CQ_OFF_FLAGS = 24;
export const RING_OFF_USER_ADDR = 32;

/** `struct io_uring_sqe`, `struct io_uring_cqe`. */
export const SQE_BYTES = 64;
export const CQE_BYTES = 16;

/** `struct io_uring_probe`: last_op is its first byte; operations of 8 bytes follow, which are not read here. */
export const PROBE_BYTES = 16;

/** `struct io_uring_buf_reg`: ring_addr u64, ring_entries u32, bgid u16. */
export const BUF_REG_BYTES = 40;
export const BUF_REG_ENTRIES = 8;
export const BUF_REG_GROUP = 12;

/** `struct io_uring_sync_cancel_reg`: addr u64, fd s32, flags u32, timeout of two s64. */
export const SYNC_CANCEL_BYTES = 64;
export const SYNC_CANCEL_FLAGS = 12;
export const SYNC_CANCEL_SECONDS = 16;
export const IORING_ASYNC_CANCEL_ALL = 1;
export const IORING_ASYNC_CANCEL_ANY = 1 << 2;

/** io_uring_setup(2): `params` is an address. Returns the descriptor, or a negative error number. */
export function ioUringSetup(libc: Libc, entries: number, params: number): number {
  const fd = answer(libc, libc.syscall(SYS_IO_URING_SETUP, entries, params, 0, 0, 0, 0));
  return fd < 0 ? fd : answer(libc, libc.adopt(fd));
}

/** io_uring_enter(2) without waiting. Returns how many entries the kernel took, or a negative error number. */
export function ioUringEnter(libc: Libc, fd: number, toSubmit: number, flags: number): number {
  return answer(libc, libc.syscall(SYS_IO_URING_ENTER, fd, toSubmit, 0, flags, 0, 0));
}

/** io_uring_register(2): `argument` is an address. Returns what it returns, or a negative error number. */
export function ioUringRegister(libc: Libc, fd: number, operation: number, argument: number, count: number): number {
  return answer(libc, libc.syscall(SYS_IO_URING_REGISTER, fd, operation, argument, count, 0, 0));
}

/** Makes the smallest ring and closes it. Returns 0, or the error number: EPERM where a sandbox forbids io_uring. */
export function tryIoUring(libc: Libc): number {
  const params = new Uint8Array(IO_URING_PARAMS_BYTES);
  const fd = ioUringSetup(libc, 2, libc.addressOf(params));
  if (fd < 0) return -fd;
  libc.close(fd);
  return 0;
}

function answer(libc: Libc, result: number): number {
  return result < 0 ? -libc.errno() : result;
}
