/** `read` has nothing just now; `awaitData` tells when to try again. */
export const NOT_YET = -1;

/**
 * Bytes of a capture, from the first to the last: a file, a pipe, or what gzip makes of one.
 *
 * `read` never blocks longer than a disk does. What cannot be had at once (a pipe, a decompressor) is gathered by the event
 * loop between two reads, within bounded memory.
 */
export interface ByteSource {
  /**
   * Puts up to `length` bytes (1 or more) at `target[offset]`. Returns how many; 0 at the end, NOT_YET while there are none.
   *
   * @throws {TaplineError} `SYSCALL`, or `BAD_CAPTURE` for compressed data that is damaged, once what came before was read
   */
  read(target: Uint8Array, offset: number, length: number): number;
  /** Calls back once, from the event loop, when `read` has something else to say than NOT_YET. */
  awaitData(callback: () => void): void;
  /** How much of the whole was read, 0 to 1; undefined where nobody knows how long it is. */
  progress(): number | undefined;
  /** Releases what the source holds. Idempotent. */
  close(): void;
}
