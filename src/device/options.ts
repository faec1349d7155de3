import type { OffloadChoice } from './offloads.ts';

/** What `openTun` and `openTap` take. Everything is optional, and everything is checked before the first system call. */
export interface TunOptions {
  /** 1 to 15 bytes, no `/`, `:` or space; `tap%d` lets the kernel number it; empty (the default) lets it choose. */
  readonly name?: string;
  /**
   * Fails with `DEVICE_EXISTS` when the name is taken. Default true. False attaches to an existing device: a persistent
   * one that nobody holds is then set up as these options say, and freed of the offloads and filters of its last user;
   * one that others hold keeps what these options do not name.
   */
  readonly exclusive?: boolean;
  /** Puts a 12-byte little-endian virtio_net_hdr before each frame. Default false. */
  readonly virtioHeader?: boolean;
  /**
   * Offloads to ask for; the kernel may grant fewer. They belong to the device, not to the queue. Default `'none'`, or
   * those that a device has which others hold too; any needs `virtioHeader`.
   */
  readonly offloads?: OffloadChoice;
  /**
   * Does without the offloads whose super-packets this kernel refuses to take, as `probeOffloads` finds them out, once in
   * a process. Default false.
   */
  readonly verifyOffloads?: boolean;
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
  /** Allows further queues to be opened on this device, up to 256. Default false. */
  readonly multiQueue?: boolean;
  /**
   * Passes what is written through NAPI (IFF_NAPI, Linux 4.15), which merges packets of a flow; that pays only when
   * `'threaded'` (Linux 5.12). Default false.
   */
  readonly napi?: boolean | 'threaded';
  /** Bytes of written frames that may be on their way before a write fails with EAGAIN: at least 1. Default 2³¹−1. */
  readonly sendBufferBytes?: number;
  /** Whether the interface begins with carrier (TUNSETCARRIER, Linux 4.20). Default true. */
  readonly carrier?: boolean;
  /** User id that may attach without CAP_NET_ADMIN: 0 to 2³²−2. Default nobody in particular. */
  readonly owner?: number;
  /** Group id that may attach without CAP_NET_ADMIN: 0 to 2³²−2. Default none in particular. */
  readonly group?: number;
  /** Whether the interface outlives its descriptors. Default: as it is; a new one does not. */
  readonly persist?: boolean;
}

/** Options that only Ethernet devices have. */
export interface TapOptions extends TunOptions {
  /** MAC address, for example `02:00:00:00:00:01`; not a group address. Default: the kernel makes a random one. */
  readonly mac?: string;
}
