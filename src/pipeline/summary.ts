import type { StageCounts } from '../core/stageTable.ts';
import type { Offload } from '../device/offloads.ts';

/**
 * What a line has done. `read + made = forwarded + dropped + lost + merged + held` at any moment; mirrored copies are
 * counted apart, reflected packets as forwarded. `docs/words.md` says what each counter means.
 */
export interface Summary {
  readonly schema: 1;
  readonly read: number;
  readonly made: number;
  readonly forwarded: number;
  readonly dropped: number;
  readonly lost: number;
  readonly merged: number;
  readonly held: number;
  /** Copies that a port took. */
  readonly mirrored: number;
  /** Copies that could not be made or sent. */
  readonly mirrorsLost: number;
  /**
   * Packets that the kernel dropped before they could be read, because its queue for a device was full. They were never in
   * the line, so the rule above does not have them.
   */
  readonly kernelDropped: number;
  /** Dropped and lost packets by reason; only reasons that occurred. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly ports: Readonly<Record<string, PortSummary>>;
  /** In the order of the chain. */
  readonly filters: readonly FilterSummary[];
}

/** What went through one port. */
export interface PortSummary {
  readonly read: number;
  /** Bytes of frames, virtio headers left out. */
  readonly readBytes: number;
  readonly forwarded: number;
  readonly forwardedBytes: number;
  /** Packets for this port that could not be written. */
  readonly lost: number;
  readonly mirrored: number;
  /**
   * Packets that the kernel dropped before they could be read, since the line was opened: its queue was full (raise
   * `txQueueLength`), or a kernel filter refused them. 0 for queues.
   */
  readonly kernelDropped: number;
  /** Offloads that the kernel granted on this port and then refused (EINVAL): the line goes on without them. */
  readonly refusedOffloads: readonly Offload[];
}

/** What one filter said. */
export interface FilterSummary extends StageCounts {
  readonly name: string;
  /** Its drops by declared reason; only reasons that occurred. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The counters it declared. */
  readonly counters: Readonly<Record<string, number>>;
}
