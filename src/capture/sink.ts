import type { TaplineError } from '../errors.ts';

/**
 * Where the bytes of a capture go: a file or a pipe. Nothing here blocks: a sink that is slow takes its time and says when
 * it is done.
 */
export interface ByteSink {
  /**
   * Writes all of `chunk`, which stays as it is until then. One write at a time.
   *
   * @param done called from the event loop, with the reason when it failed, and how many bytes are written for certain
   */
  write(chunk: Uint8Array, done: (failure: TaplineError | undefined, writtenBytes: number) => void): void;
  /** After a failed write: takes back the last `bytes` bytes, where the sink can. */
  takeBack(bytes: number): void;
  /** Releases what the sink holds. Idempotent. */
  close(): Promise<void>;
}
