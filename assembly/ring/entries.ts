import { Control } from './memory.ts';

// What the kernel reads and writes in the rings: `<linux/io_uring.h>`.

/** `struct io_uring_sqe`, as far as reads and writes use it. */
@unmanaged
export class Submission {
  /** Entry `index`, counted without end. The ring has no array of indices (IORING_SETUP_NO_SQARRAY). */
  @inline static of(control: Control, index: u32): Submission {
    return changetype<Submission>(<usize>(control.sqes + (index & (control.sqEntries - 1)) * SUBMISSION_BYTES));
  }

  opcode: u8;
  flags: u8;
  ioprio: u16;
  fd: i32;
  offset: u64;
  address: u64;
  length: u32;
  rwFlags: u32;
  /** Comes back in the completion: KIND_* and a number. */
  number: u32;
  kind: u32;
  bufferGroup: u16;
}

/** `struct io_uring_cqe` */
@unmanaged
export class Completion {
  /** Entry `index`, counted without end. */
  @inline static of(control: Control, index: u32): Completion {
    return changetype<Completion>(<usize>(control.cqes + (index & (control.cqEntries - 1)) * COMPLETION_BYTES));
  }

  number: u32;
  kind: u32;
  result: i32;
  flags: u32;
}

/** `struct io_uring_buf`. In the first entry of a ring the kernel's tail stands where others have nothing. */
@unmanaged
export class Buffer {
  @inline static at(address: u32): Buffer {
    return changetype<Buffer>(<usize>address);
  }

  address: u64;
  length: u32;
  id: u16;
  tail: u16;
}

const SUBMISSION_BYTES: u32 = 64;
const COMPLETION_BYTES: u32 = 16;

export const IORING_OP_NOP: u8 = 0;
export const IORING_OP_WRITE: u8 = 23;
export const IORING_OP_READ_MULTISHOT: u8 = 49;

export const IOSQE_FIXED_FILE: u8 = 1;
export const IOSQE_BUFFER_SELECT: u8 = 32;
/** No completion, unless it fails. */
export const IOSQE_CQE_SKIP_SUCCESS: u8 = 64;
/** `<linux/fs.h>`: answer EAGAIN instead of waiting. O_NONBLOCK alone would make io_uring wait for room. */
export const RWF_NOWAIT: u32 = 8;

/** The completion names a buffer in its upper half. */
export const IORING_CQE_F_BUFFER: u32 = 1;
/** The multishot goes on. */
export const IORING_CQE_F_MORE: u32 = 2;
export const IORING_CQE_BUFFER_SHIFT: u32 = 16;

export const IORING_SQ_CQ_OVERFLOW: u32 = 2;
/** The kernel has work that it does when it is entered. */
export const IORING_SQ_TASKRUN: u32 = 4;
export const IORING_CQ_EVENTFD_DISABLED: u32 = 1;

/** An entry that was withdrawn; nobody waits for its completion. */
export const KIND_NOTHING: u32 = 0;
/** `number` is a port. */
export const KIND_READ: u32 = 1;
/** `number` is a slot. */
export const KIND_WRITE: u32 = 2;

if (
  offsetof<Submission>('offset') != 8 ||
  offsetof<Submission>('address') != 16 ||
  offsetof<Submission>('rwFlags') != 28 ||
  offsetof<Submission>('number') != 32 ||
  offsetof<Submission>('bufferGroup') != 40 ||
  offsetof<Completion>() != COMPLETION_BYTES ||
  offsetof<Buffer>('tail') != 14
) {
  ERROR('An entry differs from <linux/io_uring.h>');
}
