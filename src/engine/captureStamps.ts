/**
 * What a record between line and engine has no room for, and only captures know better than the line: when a packet was
 * captured, how long it was on the wire, and by which port it came in. A stamp stands at the same index as its record.
 *
 *      0 time (low) · 1 time (high) · 2 wire length · 3 port by which it came in, and verdict      words of 32 bits
 */
export const STAMP_WORDS = 4;
/** Nanoseconds since 1970-01-01 UTC, as in the descriptor. */
export const TIME_LOW_WORD = 0;
export const TIME_HIGH_WORD = 1;
/** Bytes on the wire; more than the record has when the packet was cut. */
export const WIRE_LENGTH_WORD = 2;
/** Of outbound records: number of the port, or NO_PORT; from VERDICT_SHIFT on VERDICT_*, or VERDICT_MIRROR. */
export const IN_PORT_WORD = 3;
export const IN_PORT_MASK = 0xff;
export const VERDICT_SHIFT = 8;
/** Not a verdict: the record is that of a copy. */
export const VERDICT_MIRROR = 5;

/** Room for `count` stamps. */
export function stampArray(count: number): Uint32Array {
  return new Uint32Array(count * STAMP_WORDS);
}

/** Whether an engine is one that tells of captures. */
export function isStamped(engine: object): engine is Stamped {
  return 'inboundStamps' in engine && engine.inboundStamps !== undefined;
}

/** An engine that tells and wants to be told more than records say. Live engines do not: their packets are captured now. */
export interface Stamped {
  /** Stamps of the records in `inbound`. Written by the engine. */
  readonly inboundStamps: Uint32Array;
  /** Stamps of the records in `outbound`. Written by the line before `turn`. */
  readonly outboundStamps: Uint32Array;
}
