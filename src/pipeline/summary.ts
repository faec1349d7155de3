import type { StageCounts } from '../core/stageTable.ts';
import type { Offload } from '../device/offloads.ts';

/**
 * What a line has done. `read + made = forwarded + dropped + lost + merged + held` at any moment; mirrored copies are
 * counted apart, reflected packets as forwarded. `docs/words.md` says what each counter means.
 */
export interface Summary {
  readonly schema: 1;
  readonly read: number;
  /** Segments that took the place of super-packets, beyond one for each. */
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
   * Packets that the kernel dropped before they could be read: its queue for a device was full, or a kernel filter refused
   * them. They were never in the line, so the rule above does not have them.
   */
  readonly kernelDropped: number;
  /** Dropped and lost packets by reason; only reasons that occurred. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly ports: Readonly<Record<string, PortSummary>>;
  /** In the order of the chain. */
  readonly filters: readonly FilterSummary[];
  /** What was captured of all that came in; only where that was asked for. */
  readonly record?: CaptureSummary;
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
   * `txQueueLength`), or a kernel filter refused them; it counts both as one. 0 for queues.
   */
  readonly kernelDropped: number;
  /** Offloads that the kernel granted on this port and then refused (EINVAL): the line goes on without them. */
  readonly refusedOffloads: readonly Offload[];
  /** Only of a capture file that is read: packets of it that did not come into the line. */
  readonly skipped?: SkippedPackets;
  /** Only of a capture file that is written. */
  readonly capture?: CaptureSummary;
}

/** Packets of a file that are not counted as read, by why. */
export interface SkippedPackets {
  /** Of a link type that no line carries. */
  readonly linkType: number;
  /** Ethernet in a line of IP packets, or the other way round. */
  readonly otherLink: number;
  /** Behind the link header (SLL, NULL, …) there is no IP packet. */
  readonly notIp: number;
}

/** What became of a capture. */
export interface CaptureSummary {
  /** Packets in the file. */
  readonly written: number;
  /** Packets that are not: the disk was full or too slow, or the reader had gone. */
  readonly notCaptured: number;
  /** Why it stopped before the line ended, for example `ENOSPC` or `EPIPE`; null when it did not. */
  readonly stopped: string | null;
}

/** What one filter said. */
export interface FilterSummary extends StageCounts {
  readonly name: string;
  /** Its drops by declared reason; only reasons that occurred. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The counters it declared. */
  readonly counters: Readonly<Record<string, number>>;
}
