import type { OffloadChoice } from './offloads.ts';

/** What `openTun` and `openTap` take. Everything is optional, and everything is checked before the first system call. */
export interface TunOptions {
  /** 1 to 15 bytes, no `/`, `:` or space; `tap%d` lets the kernel number it; empty (the default) lets it choose. */
  readonly name?: string;
  /** Fails with `DEVICE_EXISTS` when the name is taken. Default true; false attaches to an existing device. */
  readonly exclusive?: boolean;
  /** Puts a 12-byte little-endian virtio_net_hdr before each frame. Default false. */
  readonly virtioHeader?: boolean;
  /** Offloads to ask for; the kernel may grant fewer. Default `'none'`; any needs `virtioHeader`. */
  readonly offloads?: OffloadChoice;
  /** Interface flags (IFF_* of `<linux/if.h>`) to add to those the interface has. Default 0. */
  readonly interfaceFlags?: number;
  /** Largest packet in bytes without the Ethernet header: 68 to 65,535 (TUN) or 65,521 (TAP). Default 1,500. */
  readonly mtu?: number;
  /** Addresses with prefix length: `10.0.0.1/24`, `fd00::1/64`. Default none. */
  readonly addresses?: readonly string[];
  /** Takes the interface up. Default true. */
  readonly up?: boolean;
  /** Packets that the kernel queues for us before it drops: at least 1. Default 500 (TUN) or 1,000 (TAP). */
  readonly txQueueLength?: number;
  /** Network namespace where the interface appears: a name under /run/netns, a path, or a process id. */
  readonly netns?: string | number;
  /** Allows further queues to be opened on this device. Default false. */
  readonly multiQueue?: boolean;
}

/** Options that only Ethernet devices have. */
export interface TapOptions extends TunOptions {
  /** MAC address, for example `02:00:00:00:00:01`; not a group address. Default: the kernel makes a random one. */
  readonly mac?: string;
}
