import type { LinkMessage } from '../sys/linkMessage.ts';
import { IFLA_STATS64 } from '../sys/rtnetlink.ts';

/**
 * What the kernel has counted since the interface was made, from its own side: `rx` is what the kernel received, that is
 * what we wrote; `tx` is what it sent, that is what we have read. Bytes are those of the frames, without the virtio
 * header.
 */
export interface DeviceStatistics {
  /** `dropped`: frames that we wrote while the interface was down. A frame refused with EINVAL is counted nowhere. */
  readonly rx: LinkCounters;
  /**
   * `dropped`: frames that can no longer be read, because the queue was full (raise `txQueueLength`), a kernel filter
   * refused them, or no queue was attached.
   */
  readonly tx: LinkCounters;
}

/** Counts since the interface was made, exact below 2^53. */
export interface LinkCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** `struct rtnl_link_stats64` of `<linux/if_link.h>`: pairs of u64, receive then transmit. */
export function linkStatistics({ attributes }: LinkMessage): DeviceStatistics {
  const stats = attributes.get(IFLA_STATS64) ?? new Uint8Array(0);
  const view = new DataView(stats.buffer, stats.byteOffset, stats.byteLength);
  const counter = (index: number) => (stats.length >= 8 * (index + 1) ? Number(view.getBigUint64(8 * index, true)) : 0);
  return {
    rx: { bytes: counter(2), packets: counter(0), errors: counter(4), dropped: counter(6) },
    tx: { bytes: counter(3), packets: counter(1), errors: counter(5), dropped: counter(7) },
  };
}
