import { VERDICT_ACCEPT, VERDICT_CONTINUE, VERDICT_DROP, VERDICT_REDIRECT, VERDICT_REFLECT } from '../layout.ts';

/** What becomes of a packet. */
export enum Verdict {
  /** Whatever the methods of the packet decided; nothing decided: the next filter, after the last one forward. */
  Continue = 0,
  /** Forward, without asking the filters behind. */
  Accept = 1,
  Drop = 2,
  /** Back out of the port it came in by. */
  Reflect = 3,
  /** Out of the port that `packet.redirect(port)` named. */
  Redirect = 4,
}

if (
  VERDICT_CONTINUE != 0 ||
  VERDICT_ACCEPT != 1 ||
  VERDICT_DROP != 2 ||
  VERDICT_REFLECT != 3 ||
  VERDICT_REDIRECT != 4
) {
  ERROR('Verdict differs from layout.ts');
}
