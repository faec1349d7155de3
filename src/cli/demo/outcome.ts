import type { Summary } from '../../pipeline/summary.ts';
import type { LeftReport, RightReport } from './traffic.ts';

/** What happened in a demo, from both ends and from the line between them. */
export interface Outcome {
  readonly left: LeftReport;
  readonly right: RightReport;
  readonly summary: Summary;
  /** The engine that moved the packets. */
  readonly engine: string;
}
