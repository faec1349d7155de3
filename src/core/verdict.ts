import * as L from '../../assembly/layout.ts';

/** What becomes of a packet. The verdict methods of `Packet` return one; a filter may also return one of its own. */
export const Verdict = {
  /** The next filter; after the last one: forward. */
  Continue: L.VERDICT_CONTINUE,
  /** Forward, without asking the filters behind. */
  Accept: L.VERDICT_ACCEPT,
  Drop: L.VERDICT_DROP,
  /** Back out of the port it came in by. */
  Reflect: L.VERDICT_REFLECT,
  /** Out of another port; only by `packet.redirect(port)`, which names it. */
  Redirect: L.VERDICT_REDIRECT,
} as const;

export type Verdict = (typeof Verdict)[keyof typeof Verdict];
