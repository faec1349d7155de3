/**
 * Every condition that a caller may want to handle, by name. Match `code`, not the text.
 *
 * Wrong arguments are `TypeError` and `RangeError` instead: they are mended in the program, not at run time.
 */
export type ErrorCode =
  /** This system has no TUN/TAP (not Linux, no C library that we know, no koffi build for it). */
  | 'NOT_SUPPORTED'
  /** `/dev/net/tun` is missing. */
  | 'NO_TUN_NODE'
  /** CAP_NET_ADMIN, or the permission on `/dev/net/tun`, is missing. */
  | 'PERMISSION'
  /** The device exists and `exclusive` (the default) was asked for, or another process holds it. */
  | 'DEVICE_EXISTS'
  /** The device was closed by its owner. */
  | 'DEVICE_CLOSED'
  /** The device was deleted under us. */
  | 'DEVICE_GONE'
  /** The interface is down: the kernel takes no frames. */
  | 'LINK_DOWN'
  /** The queue was detached from its device: nothing is read or written by it until it is attached again. */
  | 'QUEUE_DETACHED'
  /** A read waited longer than `timeoutMs`. */
  | 'TIMEOUT'
  /** The buffer is smaller than the frame; the frame is kept for the next read. */
  | 'BUFFER_TOO_SMALL'
  /** The kernel took fewer bytes than the frame has. */
  | 'SHORT_WRITE'
  /** The named network namespace cannot be entered. */
  | 'NETNS'
  /** Any other failed system call: `errno` and `syscall` say which. */
  | 'SYSCALL'
  /** `core.wasm` does not belong to this version of the library. */
  | 'LAYOUT_MISMATCH'
  /** The ports of a line need more memory than one arena can have. */
  | 'ARENA_FULL'
  /** A route joins two ports that do not carry the same kind of frame. */
  | 'ROUTE_KIND'
  /** A port was lost for good while the line ran. */
  | 'PORT_LOST'
  /** The worker of a lane died again and again, or could not begin. */
  | 'LANE_LOST'
  /** The line was closed, or has ended. */
  | 'LINE_CLOSED'
  /** An engine broke its contract: a defect of the engine, not of the packets. */
  | 'ENGINE_CONTRACT'
  /** The engine that was asked for cannot run here; the text says why. */
  | 'ENGINE_UNAVAILABLE'
  /** A filter or pipeline file cannot be loaded. */
  | 'BAD_FILE'
  /** A compiled filter was refused: it is damaged, asks for what it may not have, or was made for another version. */
  | 'BAD_FILTER'
  /** A compiled filter trapped; the packet got the filter's policy. */
  | 'FILTER_TRAP'
  /** A filter expression cannot be compiled; the text says where and why. */
  | 'BAD_EXPRESSION'
  /** A program of classic BPF was refused: it is malformed, or it could not run to its end. */
  | 'BAD_PROGRAM'
  /** A capture file is truncated or corrupt; the text says where and why. What came before was delivered. */
  | 'BAD_CAPTURE';

/** What a failed system call leaves behind, in Node's own spelling. */
export interface SystemErrorDetails {
  /** Positive errno as in `<asm-generic/errno.h>`, for example 1 for EPERM. */
  readonly errno?: number;
  /** The call that failed, for example `ioctl(TUNSETIFF)`. */
  readonly syscall?: string;
  /** The file or device concerned. */
  readonly path?: string;
  readonly cause?: unknown;
}

/** A condition that a caller may handle; `code` says which, `message` ends with the remedy where there is one. */
export class TaplineError extends Error {
  override readonly name = 'TaplineError';
  readonly code: ErrorCode;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly path: string | undefined;

  constructor(code: ErrorCode, message: string, details: SystemErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.errno = details.errno;
    this.syscall = details.syscall;
    this.path = details.path;
  }
}
