import * as L from '../../assembly/layout.ts';

/** Where the row of a filter lies in an arena. */
export function stageAddress(row: number): number {
  return L.STAGES_OFFSET + row * L.STAGE_BYTES;
}

/** Where the count of a reason lies. */
export function reasonAddress(reason: number): number {
  return L.REASONS_OFFSET + reason * L.REASON_BYTES;
}
