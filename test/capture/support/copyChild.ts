import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('copy.js', import.meta.url));
const library = fileURLToPath(new URL('../../../dist/src/capture/reader.js', import.meta.url));

/** Whether the library was not built, which is said once: children run what `npm run build` made. */
export const isBuildMissing = !existsSync(library);
if (isBuildMissing) console.log('skipped: tests with child processes need npm run build');

/** Arguments of node for a child that copies a capture. */
export function copyArguments(from: string, to: string, format = 'pcapng'): string[] {
  return [script, from, to, format];
}

/** What a child that copied a capture says of it. */
export interface CopyReport {
  readonly read?: number;
  readonly written?: number;
  readonly notCaptured?: number;
  readonly stopped?: readonly string[];
  readonly code?: string;
  readonly message?: string;
}

/** A child that copies a capture. It is ended with the test, whatever happens. */
export function startCopy(
  from: string,
  to: string,
  format?: string,
): { child: ChildProcess; report: Promise<CopyReport> } {
  const child = spawn(process.execPath, copyArguments(from, to, format), { stdio: 'pipe', timeout: 30_000 });
  return { child, report: text(child.stderr).then(parseReport) };
}

export function parseReport(stderr: string): CopyReport {
  const line = stderr.split('\n').find((part) => part.startsWith('{'));
  if (line === undefined) throw new Error(`The child said nothing of its work: ${stderr}`);
  return JSON.parse(line) as CopyReport;
}
