import * as A from '../../assembly/abi.ts';
import { BATCH_COUNT } from '../../assembly/layout.ts';
import { layOutConfig } from './configBytes.ts';
import type { WasmManifest } from './manifest.ts';

/** Where the parts of a filter's block lie, in bytes from its start. `assembly/abi.ts` draws it. */
export interface BlockPlan {
  readonly config: number;
  readonly counters: number;
  readonly state: number;
  /** −1 where the filter has no messages. */
  readonly trace: number;
  readonly call: number;
  /** Bytes up to here are all that a filter in place needs. */
  readonly active: number;
  /** Descriptors, outcomes and windows of a sandboxed filter; where they lie depends on the batch. */
  readonly batch: number;
  readonly bytes: number;
}

export function planBlock(manifest: WasmManifest): BlockPlan {
  const { config = {}, state, messages, headroom, window } = manifest;
  let end = 0;
  const place = (bytes: number, alignment = A.BLOCK_ALIGNMENT): number => {
    const start = end;
    end += Math.ceil(bytes / alignment) * alignment;
    return start;
  };
  return {
    config: place(layOutConfig(config).bytes),
    counters: place(A.BLOCK_COUNTERS_BYTES),
    state: place(state?.bytes ?? 0),
    trace: messages === undefined ? -1 : place(A.TRACE_BYTES),
    call: place(A.CALL_BYTES),
    active: place(A.BLOCK_ACTIVE_BYTES),
    batch: place(A.BLOCK_DESCRIPTORS_BYTES + A.BLOCK_OUTCOMES_BYTES + BATCH_COUNT * (pad16(headroom) + pad16(window))),
    bytes: end,
  };
}

function pad16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
