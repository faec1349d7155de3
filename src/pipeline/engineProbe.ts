import { USUAL_SIZES, probeRing } from '../engine/uring/probe.ts';
import { TaplineError } from '../errors.ts';
import { loadLibc } from '../sys/libc.ts';

/** The engine that lines over devices get here, and why it is not a better one. */
export interface EngineProbe {
  readonly engine: 'uring' | 'readloop';
  /** Why not `uring`, with the remedy; null where it is. */
  readonly reason: string | null;
  /** Entries of its two rings; null without. */
  readonly ring: { readonly submissions: number; readonly completions: number } | null;
  /** Locked memory is short, so its rings are smaller than they might be. */
  readonly isShort: boolean;
}

/** Tries what `engine: 'auto'` tries, and leaves nothing behind. Does not throw. */
export async function probeEngine(): Promise<EngineProbe> {
  try {
    const ring = await probeRing(await loadLibc());
    return { engine: 'uring', reason: null, ring, isShort: ring.submissions < USUAL_SIZES.submissions };
  } catch (error) {
    const reason = error instanceof TaplineError ? error.message : String(error);
    return { engine: 'readloop', reason, ring: null, isShort: false };
  }
}
