import {
  CALL_ACTIVE,
  CALL_CONFIG,
  CALL_COUNT,
  CALL_COUNTERS,
  CALL_CURSOR,
  CALL_DESCRIPTORS,
  CALL_FIRST,
  CALL_FLAGS,
  CALL_FLAG_STATE_KEPT,
  CALL_HEADROOM,
  CALL_NOW,
  CALL_OUTCOMES,
  CALL_SEED,
  CALL_STATE,
  CALL_TRACE,
  CALL_WINDOW,
} from '../abi.ts';
import { DESCRIPTOR_BYTES, INDEX_BYTES, OUTCOME_BYTES, VERDICT_REDIRECT } from '../layout.ts';
import { Packet } from './packet.ts';
import { Verdict } from './verdict.ts';

// The batch at hand. Each instance of a filter judges one packet at a time, so that this can stand in globals; the host
// puts them back when a filter traps. `enter`, `at` and `decide` are for the loop that the compiler transform writes.

let call: usize = 0;
let descriptors: usize = 0;
let active: usize = 0;
let outcomes: usize = 0;
/** Address of the outcome of the packet at hand. */
let outcome: usize = 0;
let windowBytes: i32 = 0;
let headroomBytes: i32 = 0;
let drawn: u64 = 0;

/** Takes in what the host says to the whole batch. Returns how many packets there are. */
export function enter(address: usize): i32 {
  call = address;
  descriptors = load<u32>(address, CALL_DESCRIPTORS);
  active = load<u32>(address, CALL_ACTIVE);
  outcomes = load<u32>(address, CALL_OUTCOMES);
  windowBytes = load<u32>(address, CALL_WINDOW);
  headroomBytes = load<u32>(address, CALL_HEADROOM);
  drawn = 0;
  return load<u32>(address, CALL_COUNT);
}

/** Position in the list of packets to begin at. */
export function first(): i32 {
  return load<u32>(call, CALL_FIRST);
}

/** Moves on to the packet at `position` of the list. */
export function at(position: i32): Packet {
  store<u32>(call, position, CALL_CURSOR);
  const index = <usize>load<u16>(active + position * INDEX_BYTES);
  outcome = outcomes + index * OUTCOME_BYTES;
  drawn = 0;
  return changetype<Packet>(descriptors + index * DESCRIPTOR_BYTES);
}

/** Takes what the filter returned. `Continue` leaves what was decided: a forgotten `return` must not let packets pass. */
export function decide(verdict: Verdict): void {
  if (verdict == Verdict.Continue) return;
  // Nobody but redirect() says where to.
  if (verdict == Verdict.Redirect && load<u8>(outcome) != VERDICT_REDIRECT) unreachable();
  store<u8>(outcome, <u8>verdict);
}

/** Address of the outcome of the packet at hand. */
export function outcomeOfPacket(): usize {
  return outcome;
}

/** Bytes of each frame that the filter may touch. */
export function window(): i32 {
  return windowBytes;
}

/** Bytes that it may push. */
export function headroom(): i32 {
  return headroomBytes;
}

/** Address of the configuration; for the generated file, as are the next two. */
export function configAddress(): usize {
  return load<u32>(call, CALL_CONFIG);
}

export function countersAddress(): usize {
  return load<u32>(call, CALL_COUNTERS);
}

export function stateAddress(): usize {
  return load<u32>(call, CALL_STATE);
}

/** Address of the trace ring; 0 in release builds. */
export function traceAddress(): usize {
  return load<u32>(call, CALL_TRACE);
}

/** Position of the packet at hand in the list. */
export function cursor(): u32 {
  return load<u32>(call, CALL_CURSOR);
}

/**
 * Time of the batch in nanoseconds since the line started, in a replay since its first packet; never goes back. The only
 * clock there is.
 */
export function now(): u64 {
  return load<u64>(call, CALL_NOW);
}

/** In `init`: whether the state is that of an earlier instance, kept over a hot swap. */
export function isStateKept(): bool {
  return (load<u32>(call, CALL_FLAGS) & CALL_FLAG_STATE_KEPT) != 0;
}

/** A number that tells the draw at hand from all others of the batch: of its seed, its packet and those before. */
export function nextDraw(): u64 {
  return load<u64>(call, CALL_SEED) + (((<u64>cursor()) << 32) | drawn++) * 0x9e3779b97f4a7c15;
}
