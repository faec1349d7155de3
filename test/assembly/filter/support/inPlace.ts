import * as A from '../../../../assembly/abi.ts';
import * as L from '../../../../assembly/layout.ts';
import type { Bench } from '../../bench.ts';

/** Room that a filter in place needs at the memory's end. */
export const FREE_BYTES = 8 * 65536;

/** A filter at work on the arena itself: what docs/filter-abi.md says, and no more. */
export interface InPlace {
  readonly config: number;
  readonly counters: number;
  readonly state: number;
  judge(options: {
    count: number;
    window?: number;
    headroom?: number;
    now?: bigint;
    seed?: bigint;
    first?: number;
  }): void;
}

/** Instantiates a module on the memory of a line that was opened with FREE_BYTES. */
export function runInPlace({ memory, view, bytes }: Bench, wasm: Uint8Array, stateBytes: number): InPlace {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(wasm)), { env: { memory } });
  const judge = instance.exports['tapline_judge'] as (call: number) => void;
  const call = bytes.length - FREE_BYTES;
  const [config, counters, state] = [call + 256, call + 4096, call + 8192];
  return {
    config,
    counters,
    state,
    judge({ count, window = 128, headroom = 0, now = 0n, seed = 0n, first = 0 }) {
      bytes.fill(0, call, call + A.CALL_BYTES);
      const words = {
        [A.CALL_COUNT]: count,
        [A.CALL_ACTIVE]: L.ACTIVE_OFFSET,
        [A.CALL_DESCRIPTORS]: L.DESCRIPTORS_OFFSET,
        [A.CALL_OUTCOMES]: L.OUTCOMES_OFFSET,
        [A.CALL_FIRST]: first,
        [A.CALL_CONFIG]: config,
        [A.CALL_COUNTERS]: counters,
        [A.CALL_STATE]: state,
        [A.CALL_STATE_BYTES]: stateBytes,
        [A.CALL_WINDOW]: window,
        [A.CALL_HEADROOM]: headroom,
      };
      for (const [offset, value] of Object.entries(words)) view.setUint32(call + Number(offset), value, true);
      view.setBigUint64(call + A.CALL_NOW, now, true);
      view.setBigUint64(call + A.CALL_SEED, seed, true);
      judge(call);
    },
  };
}
