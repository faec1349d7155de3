import {
  ACTIVE_OFFSET,
  INDEX_BYTES,
  MIRRORS_OFFSET,
  OUTCOME_FLAG_MIRROR,
  OUTCOME_FLAG_MODIFIED,
  OUTCOME_FLAG_OUTSIDE,
  OUTCOME_FLAG_SHORT,
  REASON_BAD_VERDICT,
  REASON_BUILT_IN,
  REASON_BUILT_IN_COUNT,
  REASON_COUNT,
  REASON_FILTER_ERROR,
  REASON_OUTSIDE_WINDOW,
  REASON_SHORT,
  REASON_UNSPECIFIED,
  VERDICT_ABORT,
  VERDICT_ACCEPT,
  VERDICT_CONTINUE,
  VERDICT_DROP,
  VERDICT_REDIRECT,
  VERDICT_REFLECT,
} from './layout.ts';
import { dropFor } from './reasons.ts';
import { Control, Descriptor, Outcome, Stage } from './records.ts';
import { applyShifts } from './shift.ts';

/**
 * Takes in what stage `number` said of the `count` active packets: counts, applies edits, lists mirrors, and shortens
 * the list to those that go on to the next filter. Returns how many these are.
 */
export function settle(number: i32, count: i32): i32 {
  const stage = Stage.of(number);
  stage.packets += count;
  Control.get().mirrors = 0;
  let active = 0;
  for (let place = 0; place < count; place++) {
    const index = <i32>load<u16>(ACTIVE_OFFSET + place * INDEX_BYTES);
    const outcome = Outcome.of(index);
    if (!isUntouched(outcome)) settlePacket(stage, index, outcome);
    if (outcome.verdict == VERDICT_CONTINUE) store<u16>(ACTIVE_OFFSET + active++ * INDEX_BYTES, <u16>index);
  }
  return active;
}

/** Whether the filter wrote nothing but perhaps a mark: the first 8 bytes of an outcome are all but mark and end. */
function isUntouched(outcome: Outcome): bool {
  return load<u64>(changetype<usize>(outcome)) == 0 && outcome.endShift == 0;
}

function settlePacket(stage: Stage, index: i32, outcome: Outcome): void {
  readVerdict(stage, outcome);
  const flags = outcome.flags;
  if (flags & OUTCOME_FLAG_SHORT) {
    stage.short++;
    takeMiss(outcome, stage.onShort, REASON_SHORT);
  }
  if (flags & OUTCOME_FLAG_OUTSIDE) {
    stage.outside++;
    takeMiss(outcome, stage.onOutside, REASON_OUTSIDE_WINDOW);
  }
  // The copy of a packet that is dropped here still shows what the filter made of it.
  const isCurrent = !(flags & OUTCOME_FLAG_MODIFIED) || !stage.writes || takeEdits(stage, index, outcome);
  if (flags & OUTCOME_FLAG_MIRROR && isCurrent) listMirror(stage, index);
  outcome.flags = 0;
  outcome.startShift = 0;
  outcome.endShift = 0;
  // A filter may name a reason and then decide otherwise: the next one's drop shall not be counted under it.
  if (outcome.verdict != VERDICT_DROP) outcome.reason = 0;
  countVerdict(stage, outcome.verdict);
}

/** A filter that read what is not there may have judged by zeros: its policy says whether such a packet goes on. */
function takeMiss(outcome: Outcome, policy: i32, reason: i32): void {
  if (policy == VERDICT_DROP && outcome.verdict == VERDICT_CONTINUE) dropFor(outcome, reason);
}

/** Makes one of the five verdicts out of what the filter wrote, and a global reason out of a drop's. */
function readVerdict(stage: Stage, outcome: Outcome): void {
  const verdict = <i32>outcome.verdict;
  if (verdict == VERDICT_DROP) return dropFor(outcome, globalReason(stage, outcome.reason));
  if (verdict == VERDICT_ABORT) {
    stage.failed++;
    if (stage.onError == VERDICT_CONTINUE) outcome.verdict = <u8>VERDICT_CONTINUE;
    else {
      dropFor(outcome, REASON_FILTER_ERROR);
      // What a filter left half-done when it failed is shown to nobody.
      outcome.flags &= <u8>~OUTCOME_FLAG_MIRROR;
    }
  } else if (verdict > VERDICT_REDIRECT) dropFor(outcome, REASON_BAD_VERDICT);
}

/** The place in the line's table of reasons that a stage's `reason` stands for. */
function globalReason(stage: Stage, reason: i32): i32 {
  if (reason & REASON_BUILT_IN) {
    const builtIn = reason & ~REASON_BUILT_IN;
    return builtIn < REASON_BUILT_IN_COUNT ? builtIn : REASON_UNSPECIFIED;
  }
  if (reason == 0 || reason > <i32>stage.reasonCount) return REASON_UNSPECIFIED;
  const declared = <i32>stage.reasonBase + reason - 1;
  return declared < REASON_COUNT ? declared : REASON_UNSPECIFIED;
}

/** Applies a packet's edits, if anybody will still see it. Returns whether the descriptor shows them. */
function takeEdits(stage: Stage, index: i32, outcome: Outcome): bool {
  const isDropped = outcome.verdict == VERDICT_DROP;
  if (isDropped && !(outcome.flags & OUTCOME_FLAG_MIRROR)) return false;
  const refusal = applyShifts(stage, Descriptor.of(index), outcome);
  if (refusal == 0) stage.modified++;
  else if (!isDropped) dropFor(outcome, refusal);
  return refusal == 0;
}

function listMirror(stage: Stage, index: i32): void {
  const control = Control.get();
  store<u16>(MIRRORS_OFFSET + control.mirrors * INDEX_BYTES, <u16>index);
  control.mirrors++;
  stage.mirrored++;
}

function countVerdict(stage: Stage, verdict: i32): void {
  if (verdict == VERDICT_DROP) stage.dropped++;
  else if (verdict == VERDICT_ACCEPT) stage.accepted++;
  else if (verdict == VERDICT_REFLECT) stage.reflected++;
  else if (verdict == VERDICT_REDIRECT) stage.redirected++;
}
