/**
 * What the kernel had done for an engine over its life, found when it was buried. Exact, at whatever instruction the thread
 * that ran it has ended.
 */
export class Remains {
  readonly #filled: readonly number[];
  readonly #written: readonly number[];

  /** @param filled frames put into slots, by port number, and @param written written, both modulo 2^32 */
  constructor(filled: readonly number[], written: readonly number[]) {
    this.#filled = filled;
    this.#written = written;
  }

  /**
   * Frames that the kernel had put into slots and that nobody took: read, and lost with the slots.
   *
   * @param read frames that the line has counted as read by the port, of this engine
   */
  unread(port: number, read: number): number {
    return beyond(this.#filled[port] ?? 0, read);
  }

  /**
   * Frames that the kernel had written and whose completion nobody took: forwarded, though the line holds them still.
   *
   * @param confirmed frames that the line has counted as forwarded or mirrored to the port, by this engine
   */
  unconfirmed(port: number, confirmed: number): number {
    return beyond(this.#written[port] ?? 0, confirmed);
  }
}

/** Both count without end; the kernel's side has 32 bits. */
function beyond(count: number, counted: number): number {
  return (count - counted) >>> 0;
}
