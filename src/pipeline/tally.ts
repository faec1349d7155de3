import type { LossReason } from './loss.ts';
import type { PortSummary } from './summary.ts';

/** What the line itself counts of a port. */
export type PortCounts = Omit<PortSummary, 'kernelDropped' | 'refusedOffloads'>;

/** Counters of one port. Numbers, changed in place: nothing is allocated per packet. */
export class PortTally {
  read = 0;
  readBytes = 0;
  forwarded = 0;
  forwardedBytes = 0;
  lost = 0;
  mirrored = 0;

  counts(): PortCounts {
    const { read, readBytes, forwarded, forwardedBytes, lost, mirrored } = this;
    return { read, readBytes, forwarded, forwardedBytes, lost, mirrored };
  }
}

/** Counters of the line that belong to no port. */
export class LineTally {
  /** Dropped packets that have left the line. Those of the batch at hand are dropped already, and held still. */
  released = 0;
  /** Segments, but for the last one of each super-packet: that is what the super-packet itself becomes. */
  made = 0;
  /** Copies that could not be made or sent. */
  mirrorsLost = 0;
  readonly losses: Record<LossReason, number> = {
    linkDown: 0,
    txFull: 0,
    rejected: 0,
    portGone: 0,
    closed: 0,
    ioError: 0,
  };
}
