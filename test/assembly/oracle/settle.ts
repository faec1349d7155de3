import * as layout from '../../../assembly/layout.ts';
import type { OutcomeFields } from '../line.ts';

/** What `settle` needs to know of one active packet. */
export interface Judged {
  outcome: OutcomeFields;
  length: number;
  link: number;
  /** Bytes from the slot to the frame, and of the slot. */
  start: number;
  stride: number;
  needsChecksum: boolean;
  csumStart: number;
  csumOffset: number;
}

/** The stage, as the host declared it. */
export interface StageShape {
  reasonBase: number;
  reasonCount: number;
  onError: number;
}

/** What has become of one packet. */
export interface Settled {
  verdict: number;
  /** The global number of a drop's reason. */
  reason: number | undefined;
  isMirrored: boolean;
  /** Whether the descriptor shows the stage's edits. */
  isModified: boolean;
  start: number;
  length: number;
  csumStart: number;
}

/** Settles one packet, by the letter of the contract. */
export function settleOne(stage: StageShape, judged: Judged): Settled {
  const { outcome } = judged;
  const [verdict, reason] = verdictOf(stage, outcome);
  const isLost = outcome.verdict === layout.VERDICT_ABORT && verdict === layout.VERDICT_DROP;
  const wantsMirror = (outcome.flags & layout.OUTCOME_FLAG_MIRROR) !== 0 && !isLost;
  const wantsEdit = (outcome.flags & layout.OUTCOME_FLAG_MODIFIED) !== 0;
  const { start, length, csumStart } = judged;
  const settled = { verdict, reason, isMirrored: wantsMirror, isModified: false, start, length, csumStart };
  if (!wantsEdit) return settled;
  if (verdict === layout.VERDICT_DROP && !wantsMirror) return settled;
  const refusal = refusalOf(judged);
  if (refusal !== undefined) {
    settled.isMirrored = false;
    settled.verdict = layout.VERDICT_DROP;
    settled.reason = reason ?? refusal;
    return settled;
  }
  settled.isModified = true;
  settled.start += outcome.startShift;
  settled.length += outcome.endShift - outcome.startShift;
  if (judged.needsChecksum) settled.csumStart -= outcome.startShift;
  return settled;
}

function verdictOf(stage: StageShape, { verdict, reason }: OutcomeFields): [number, number | undefined] {
  switch (verdict) {
    case layout.VERDICT_CONTINUE:
    case layout.VERDICT_ACCEPT:
    case layout.VERDICT_REFLECT:
    case layout.VERDICT_REDIRECT:
      return [verdict, undefined];
    case layout.VERDICT_DROP:
      return [verdict, globalReason(stage, reason)];
    case layout.VERDICT_ABORT:
      if (stage.onError === layout.VERDICT_CONTINUE) return [layout.VERDICT_CONTINUE, undefined];
      return [layout.VERDICT_DROP, layout.REASON_FILTER_ERROR];
    default:
      return [layout.VERDICT_DROP, layout.REASON_BAD_VERDICT];
  }
}

function globalReason(stage: StageShape, reason: number): number {
  if (reason >= 0x8000) return reason - 0x8000 < 16 ? reason - 0x8000 : 0;
  return reason >= 1 && reason <= stage.reasonCount ? stage.reasonBase + reason - 1 : 0;
}

function refusalOf(judged: Judged): number | undefined {
  const { startShift, endShift } = judged.outcome;
  const start = judged.start + startShift;
  const length = judged.length + endShift - startShift;
  if (start < 12) return layout.REASON_NO_HEADROOM;
  if (start + length > judged.stride) return layout.REASON_BAD_EDIT;
  if (length < (judged.link === layout.LINK_ETHERNET ? 14 : 1)) return layout.REASON_BAD_EDIT;
  if (!judged.needsChecksum || (startShift === 0 && endShift === 0)) return undefined;
  const csumStart = judged.csumStart - startShift;
  if (csumStart < 0 || csumStart > 0xffff || csumStart + judged.csumOffset + 2 > length)
    return layout.REASON_BAD_OFFLOAD;
  return undefined;
}
