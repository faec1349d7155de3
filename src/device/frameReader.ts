import { TaplineError } from '../errors.ts';
import { errnos } from '../sys/errno.ts';
import type { Libc } from '../sys/libc.ts';
import { systemError } from '../sys/systemError.ts';
import type { Identity } from './identity.ts';

/**
 * More than the kernel ever hands over: a virtio header, an Ethernet header with two VLAN tags, and 65,535 bytes.
 */
export const MAX_FRAME_BYTES = 65_600;

/** Reads whole frames, or none: a read(2) into a short buffer would cut the frame without a word. */
export class FrameReader {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #identity: Pick<Identity, 'name'>;
  /** A frame that did not fit, kept for the next read. */
  #kept: Uint8Array | null = null;

  constructor(libc: Libc, fd: number, identity: Pick<Identity, 'name'>) {
    this.#libc = libc;
    this.#fd = fd;
    this.#identity = identity;
  }

  /**
   * Copies the next frame to the start of `buffer`.
   *
   * @returns its bytes, or null when there is none
   * @throws {TaplineError} `BUFFER_TOO_SMALL`, `DEVICE_GONE`, `SYSCALL`
   */
  read(buffer: Uint8Array): number | null {
    if (this.#kept !== null) return this.#takeKept(buffer, this.#kept);
    const bytes = this.#readOnce(buffer);
    if (bytes === null || bytes <= buffer.length) return bytes;
    this.#kept = new Uint8Array(bytes);
    this.#kept.set(buffer);
    this.#kept.set(spareTail(this.#libc).view.subarray(0, bytes - buffer.length), buffer.length);
    throw this.#tooSmall(bytes, buffer.length);
  }

  #takeKept(buffer: Uint8Array, frame: Uint8Array): number {
    if (frame.length > buffer.length) throw this.#tooSmall(frame.length, buffer.length);
    buffer.set(frame);
    this.#kept = null;
    return frame.length;
  }

  /** Bytes of the frame, of which the first `buffer.length` are in `buffer` and the rest in the spare tail. */
  #readOnce(buffer: Uint8Array): number | null {
    const libc = this.#libc;
    for (;;) {
      const bytes =
        buffer.length >= MAX_FRAME_BYTES
          ? libc.read(this.#fd, libc.addressOf(buffer), buffer.length)
          : libc.readv(this.#fd, withSpareTail(libc, buffer), 2);
      if (bytes >= 0) return bytes;
      const errno = libc.errno();
      if (errno === errnos.EAGAIN) return null;
      if (errno !== errnos.EINTR)
        throw systemError({ action: `Cannot read from ${this.#identity.name}`, syscall: 'read', errno });
    }
  }

  #tooSmall(needed: number, given: number): TaplineError {
    return new TaplineError(
      'BUFFER_TOO_SMALL',
      `Cannot read from ${this.#identity.name}: the frame needs ${needed} bytes, the buffer has ${given}; the frame is kept for the next read`,
    );
  }
}

/** Scratch memory of this thread: reads are synchronous, so all devices share it. */
interface SpareTail {
  readonly view: Uint8Array;
  /** Two iovecs: the caller's buffer, then this tail. */
  readonly iovec: DataView;
  readonly iovecAddress: number;
}

let spare: SpareTail | undefined;

function spareTail(libc: Libc): SpareTail {
  spare ??= newSpareTail(libc);
  return spare;
}

function newSpareTail(libc: Libc): SpareTail {
  const view = new Uint8Array(MAX_FRAME_BYTES);
  const pairs = new Uint8Array(32);
  const iovec = new DataView(pairs.buffer);
  setPair(iovec, 16, libc.addressOf(view), view.length);
  return { view, iovec, iovecAddress: libc.addressOf(pairs) };
}

/** Address of the two iovecs, the first one aimed at `buffer`. */
function withSpareTail(libc: Libc, buffer: Uint8Array): number {
  const { iovec, iovecAddress } = spareTail(libc);
  setPair(iovec, 0, libc.addressOf(buffer), buffer.length);
  return iovecAddress;
}

/** One iovec: address u64, bytes u64. In halves, because a BigInt would be allocated for each read. */
function setPair(iovec: DataView, at: number, address: number, bytes: number): void {
  iovec.setUint32(at, address >>> 0, true);
  iovec.setUint32(at + 4, Math.floor(address / 2 ** 32), true);
  iovec.setUint32(at + 8, bytes >>> 0, true);
  iovec.setUint32(at + 12, Math.floor(bytes / 2 ** 32), true);
}
