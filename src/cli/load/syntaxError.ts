import { spawnSync } from 'node:child_process';

/**
 * Node's own report of a syntax error, with the line and a pointer to the place. The error that `import` throws has
 * neither, so Node is asked again.
 *
 * @returns undefined when this file has none (but perhaps one that it imports)
 */
export function syntaxErrorOf(path: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 5_000 });
  const report = stderr.split(/\n\s+at /)[0]?.trim();
  return status === 0 || report === undefined || report === '' ? undefined : report;
}
