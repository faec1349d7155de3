import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TaplineError } from '../errors.ts';
import { INSTALLATION } from './installation.ts';

/**
 * Runs the tests of a filter's package by its vitest; in a checkout of tapline, by ours if it has none.
 *
 * @param parameters for vitest
 * @returns its exit code
 * @throws {TaplineError} `BAD_FILE` when there is no vitest
 */
export async function runTests(folder: string, parameters: readonly string[] = []): Promise<number> {
  const child = spawn(process.execPath, [vitest(folder), 'run', '--root', folder, ...parameters], {
    cwd: folder,
    stdio: 'inherit',
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      done(code ?? 1);
    });
  });
}

function vitest(folder: string): string {
  for (const from of [folder, INSTALLATION]) {
    try {
      const found = createRequire(join(from, 'package.json')).resolve('vitest/package.json');
      return join(dirname(found), 'vitest.mjs');
    } catch {
      // Looked for in the next place.
    }
  }
  throw new TaplineError('BAD_FILE', `Cannot test ${folder}: vitest is not installed: npm install`, { path: folder });
}
