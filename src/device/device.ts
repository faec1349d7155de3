import type { Offload } from './offloads.ts';

/** A TUN device carries IP packets; a TAP device carries Ethernet frames. */
export type DeviceKind = 'tun' | 'tap';

/** How long, and until when, a read may wait. */
export interface ReadOptions {
  /** Milliseconds until the read fails with `TIMEOUT`; 0 or absent waits for ever. */
  readonly timeoutMs?: number;
  /** Aborting rejects the read with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * An open TUN or TAP device: one file descriptor, non-blocking and close-on-exec, and the interface behind it.
 *
 * With a virtio header (`headerBytes` 12) each frame that is read or written begins with it. After `close()` every
 * method throws `DEVICE_CLOSED`; once the interface was deleted, `DEVICE_GONE`.
 */
export interface Device extends AsyncIterable<Uint8Array> {
  readonly kind: DeviceKind;
  /** Name of the interface when it was opened, at most 15 bytes. */
  readonly name: string;
  /** Interface index in the device's network namespace. */
  readonly index: number;
  /** MAC address as `02:00:00:00:00:01`; null on TUN. */
  readonly mac: string | null;
  /** Bytes of the virtio_net_hdr before each frame, read back from the kernel: 12, or 0 without one. */
  readonly headerBytes: number;
  /** What the kernel granted, in the order of the names' bits. */
  readonly offloads: readonly Offload[];
  /** The file descriptor, for engines. Whoever reads from it competes with `readPacket`. */
  readonly fd: number;
  readonly isOpen: boolean;

  /** Largest packet in bytes without the Ethernet header, asked from the kernel. */
  mtu(): number;
  /** Interface flags (IFF_UP, IFF_RUNNING, … of `<linux/if.h>`), asked from the kernel. */
  flags(): number;
  /** Takes the interface up or down, keeping its other flags. */
  setUp(up: boolean): void;
  /** Sets the MTU: 68 to 65,535 (TUN) or 65,521 (TAP). */
  setMtu(mtu: number): void;
  /** Replaces the offload mask; negotiated downwards as at opening. Returns what was granted. */
  setOffloads(offloads: readonly Offload[]): readonly Offload[];

  /**
   * Waits for one frame and copies it to the start of `buffer`. Reads queue: a second one gets the next frame.
   *
   * @returns the number of bytes of the frame
   * @throws {TaplineError} `TIMEOUT`, `BUFFER_TOO_SMALL` (the frame is kept for the next read), `DEVICE_CLOSED`,
   * `DEVICE_GONE`
   */
  readPacket(buffer: Uint8Array, options?: ReadOptions): Promise<number>;
  /** As `readPacket`, without waiting: null when there is no frame. */
  tryRead(buffer: Uint8Array): number | null;
  /**
   * Writes one frame.
   *
   * @throws {TaplineError} `LINK_DOWN`, `SHORT_WRITE`, `DEVICE_CLOSED`, `DEVICE_GONE`, `SYSCALL` (EINVAL: the kernel
   * refused the virtio header or the frame)
   */
  writePacket(frame: Uint8Array): void;

  /** Closes the descriptor, which removes the interface. Idempotent; waiting reads reject with `DEVICE_CLOSED`. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}
