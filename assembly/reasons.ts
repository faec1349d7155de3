import { REASONS_OFFSET, REASON_BYTES } from './layout.ts';
import { Outcome } from './records.ts';

/** Counts a dropped packet under reason `reason`, a place in the line's table. Once per packet. */
export function countReason(reason: i32): void {
  const counter = <usize>(REASONS_OFFSET + reason * REASON_BYTES);
  store<u64>(counter, load<u64>(counter) + 1);
}

/** Drops a packet for the built-in `reason` and counts it. */
export function dropFor(outcome: Outcome, reason: i32): void {
  outcome.drop(reason);
  countReason(reason);
}
