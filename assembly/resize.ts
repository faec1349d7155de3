import { OUTCOME_FLAG_MODIFIED, REASON_NO_HEADROOM } from './layout.ts';
import { Descriptor, Outcome } from './records.ts';
import { lowestFrame } from './slot.ts';

// Moving a frame's start. Until the stage is settled the descriptor stays as it was dissected, and only the outcome
// knows of the movement.

/** Moves the start back by `bytes`, which are zeroed. Returns 0 and drops the packet when the slot has no room. */
export function push(descriptor: usize, outcome: usize, bytes: i32): i32 {
  const packet = Descriptor.at(descriptor);
  const result = Outcome.at(outcome);
  const shift = <i64>result.startShift - <u32>bytes;
  const start = packet.frame + shift;
  if (shift < i16.MIN_VALUE || start < <i64>lowestFrame(packet)) {
    result.drop(REASON_NO_HEADROOM);
    return 0;
  }
  memory.fill(<usize>start, 0, bytes);
  moveStart(result, <i32>shift);
  return 1;
}

/** Moves the start forward by `bytes`. Returns 0, and does nothing, when the frame is not longer than that. */
export function pop(descriptor: usize, outcome: usize, bytes: i32): i32 {
  const result = Outcome.at(outcome);
  const length = <i64>Descriptor.at(descriptor).length - result.startShift + result.endShift;
  const shift = <i64>result.startShift + <u32>bytes;
  if (<i64>(<u32>bytes) >= length || shift > i16.MAX_VALUE) return 0;
  moveStart(result, <i32>shift);
  return 1;
}

function moveStart(outcome: Outcome, shift: i32): void {
  outcome.startShift = <i16>shift;
  outcome.flags |= <u8>OUTCOME_FLAG_MODIFIED;
}
