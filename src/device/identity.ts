import type { DeviceKind } from './device.ts';

/** What is known of the interface behind a device, shared by its queues and everything that names it in a text. */
export interface Identity {
  readonly kind: DeviceKind;
  /** As last heard from the kernel: it changes when somebody renames the interface. */
  name: string;
  /** In the device's network namespace: it may change when the interface is moved to another one. */
  index: number;
  /** IFF_* as TUNGETIFF has told them: what a further queue has to ask for. */
  readonly flags: number;
  /** Bytes of the virtio header before each frame, 0 without one. */
  readonly headerBytes: number;
}
