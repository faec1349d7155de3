import { table } from '../table.ts';
import type { Diagnosis } from './doctor.ts';

/** The diagnosis for people: a line for each check, its remedy beneath it, and the verdict. */
export function report({ ok, checks }: Diagnosis): string[] {
  const lines = table(checks.map(({ status, name, found }) => [status, name, found]));
  return [
    ...checks.flatMap(({ remedy }, index) => [lines[index] ?? '', ...(remedy === null ? [] : [`      → ${remedy}`])]),
    '',
    ok ? 'Devices can be opened.' : 'Devices cannot be opened.',
  ];
}
