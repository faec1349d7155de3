/** A time since 1970-01-01 UTC. Two numbers, so that nothing is allocated for it. */
export interface RecordTime {
  /** Whole seconds; negative before 1970. */
  seconds: number;
  /** 0 to 999,999,999. */
  nanoseconds: number;
}

/** The packet under a reader's cursor: written by whoever reads a format, valid until the next packet is asked for. */
export interface PacketRecord extends RecordTime {
  /** Where the packet begins in the reader's bytes. */
  dataOffset: number;
  /** Bytes that were captured. */
  length: number;
  /** Bytes on the wire, as the file says; less than `length` only in a file that contradicts itself. */
  wireLength: number;
  /** Index of the interface in the reader's list. */
  interface: number;
  /** epb_flags (pcapng, section 4.3.1), 0 where there are none. */
  flags: number;
  /** Packets that the capture lost between the one before and this one, as far as the file says. */
  droppedBefore: number;
  /** Where the options lie, for comments; both 0 where there are none. */
  optionsOffset: number;
  optionsEnd: number;
}

/** A packet is under the cursor. */
export const PACKET = 2;
/** Something that is no packet was passed. */
export const PASSED = 3;
/** What a step over a file led to: one of these, or WAITING or ENDED of `window.ts`. */
export type Step = number;

/** One record after the other of a format. */
export interface RecordFormat {
  /**
   * Passes one record, and describes it in `record` when it is a packet.
   *
   * @throws {TaplineError} `BAD_CAPTURE` at a record that cannot be read, and again whenever it is asked
   */
  step(record: PacketRecord): Step;
}
