/** How long, and until when, a read may wait. */
export interface ReadOptions {
  /** Milliseconds until the read fails with `TIMEOUT`; 0 or absent waits for ever. */
  readonly timeoutMs?: number;
  /** Aborting rejects the read with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * One queue of a device: a file descriptor, non-blocking and close-on-exec, with its own share of what the kernel sends.
 * A device is its own first queue; `openQueue` makes further ones.
 *
 * With a virtio header each frame that is read or written begins with it. After `close()` every method throws
 * `DEVICE_CLOSED`; once the interface was deleted, `DEVICE_GONE`.
 */
export interface DeviceQueue extends AsyncIterable<Uint8Array> {
  /** The file descriptor, for engines. Whoever reads from it competes with `readPacket`. */
  readonly fd: number;
  readonly isOpen: boolean;
  /** False between `detach` and `attach`. */
  readonly isAttached: boolean;
  /** Bytes of the virtio_net_hdr before each frame, read back from the kernel; 0 without one. The same for all queues. */
  readonly headerBytes: number;

  /**
   * Waits for one frame and copies it to the start of `buffer`. Reads queue: a second one gets the next frame.
   *
   * @returns the number of bytes of the frame
   * @throws {TaplineError} `TIMEOUT`, `BUFFER_TOO_SMALL` (the frame is kept for the next read), `DEVICE_CLOSED`,
   * `DEVICE_GONE`, `QUEUE_DETACHED`
   */
  readPacket(buffer: Uint8Array, options?: ReadOptions): Promise<number>;
  /** As `readPacket`, without waiting: null when there is no frame. */
  tryRead(buffer: Uint8Array): number | null;
  /**
   * Writes one frame.
   *
   * @throws {TaplineError} `LINK_DOWN`, `QUEUE_DETACHED`, `SHORT_WRITE`, `DEVICE_CLOSED`,
   * `DEVICE_GONE`, `SYSCALL` (EINVAL: the kernel refused the virtio header or the frame; EAGAIN: `sendBufferBytes` are
   * on their way)
   */
  writePacket(frame: Uint8Array): void;

  /**
   * Takes the queue out of service (TUNSETQUEUE): the kernel spreads its flows over the others and drops what waits in
   * it; waiting reads reject. Idempotent.
   *
   * @throws {TypeError} on a device without `multiQueue`
   */
  detach(): void;
  /** Puts a detached queue back into service. Idempotent. Throws as `detach`; `SYSCALL` (E2BIG: 256 queues). */
  attach(): void;

  /** Closes the descriptor. Idempotent; waiting reads reject with `DEVICE_CLOSED`. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}
