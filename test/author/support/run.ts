import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of Node to its end, a minute at most. */
export function runNode(script: string, parameters: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn(process.execPath, [resolve(script), ...parameters], { cwd, timeout: 60_000 });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  return new Promise((done) => {
    child.once('close', (code) => {
      done({ code, ...said });
    });
  });
}

export function tapline(parameters: readonly string[], cwd: string): Promise<Ended> {
  return runNode('dist/src/cli/main.js', parameters, cwd);
}
