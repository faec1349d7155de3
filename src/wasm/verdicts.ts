import * as L from '../../assembly/layout.ts';

const DROP_FOR_FAILURE = L.REASON_BUILT_IN | L.REASON_FILTER_ERROR;

// What the host writes into outcomes in a filter's stead. Positions are those of the list of active packets.

/** The packet gets what the filter's `onError` says. */
export function abort(view: DataView, position: number): void {
  view.setUint8(outcomeAt(view, position) + L.OUTCOME_VERDICT, L.VERDICT_ABORT);
}

/** The packet is dropped as `filterError`, whatever `onError` says. */
export function close(view: DataView, position: number): void {
  const outcome = outcomeAt(view, position);
  view.setUint8(outcome + L.OUTCOME_VERDICT, L.VERDICT_DROP);
  view.setUint16(outcome + L.OUTCOME_REASON, DROP_FOR_FAILURE, true);
}

/** Index in its batch of the packet that stands at a position of the list. */
export function indexAt(view: DataView, position: number): number {
  return view.getUint16(L.ACTIVE_OFFSET + position * L.INDEX_BYTES, true);
}

function outcomeAt(view: DataView, position: number): number {
  return L.OUTCOMES_OFFSET + indexAt(view, position) * L.OUTCOME_BYTES;
}
