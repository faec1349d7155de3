import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import { print } from '../output.ts';
import { type Check, checksOf } from './checks.ts';
import { gatherFacts } from './facts.ts';
import { report } from './report.ts';

/** What `tapline doctor --json` prints. */
export interface Diagnosis {
  readonly schema: 1;
  /** Devices can be opened. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** `tapline doctor`: tries everything and says what it found. */
export async function doctor(json: boolean): Promise<number> {
  const facts = await gatherFacts();
  const diagnosis: Diagnosis = { schema: 1, ok: facts.tun.canCreate, checks: checksOf(facts) };
  print(json ? JSON.stringify(diagnosis) : report(diagnosis).join('\n'));
  return diagnosis.ok ? EXIT_OK : EXIT_FAILURE;
}
