import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const MAIN = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));

/** What a command line left behind. */
export interface Ended {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tapline` to its end, from the built files; 137 would be a hang. */
export function tapline(args: readonly string[], options: SpawnSyncOptions = {}): Ended {
  return ended(process.execPath, [MAIN, ...args], options);
}

/** Runs a shell script in which `$TAPLINE` is the command. */
export function shell(script: string): Ended {
  return ended('bash', ['-c', script], { env: { ...process.env, TAPLINE: `${process.execPath} ${MAIN}` } });
}

function ended(command: string, args: readonly string[], options: SpawnSyncOptions): Ended {
  const { status, stdout, stderr } = spawnSync(command, args, {
    timeout: 20_000,
    killSignal: 'SIGKILL',
    ...options,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
