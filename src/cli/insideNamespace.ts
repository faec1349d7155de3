import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EXIT_FAILURE, EXIT_SIGNAL } from './exitCodes.ts';
import { say } from './output.ts';

/** A command line that runs what follows it in namespaces of its own, or why there can be none here. */
export type Namespace = { readonly command: readonly string[] } | { readonly impossible: string };

/**
 * Finds out how to make namespaces. Root needs no user namespace, unless it is root of a container without the right to
 * make others.
 *
 * @param flags of `unshare`, beside those of a user namespace
 */
export function findNamespace(flags: readonly string[]): Namespace {
  const choices = process.geteuid?.() === 0 ? [[], ['--user', '--map-root-user']] : [['--user', '--map-root-user']];
  let why = 'no namespaces';
  for (const user of choices) {
    const all = [...user, ...flags];
    const { error, status, stderr } = spawnSync('unshare', [...all, 'true'], { encoding: 'utf8', timeout: 5_000 });
    if (status === 0) return { command: ['unshare', ...all] };
    why = error === undefined ? stderr.trim() : `unshare: ${error.message}`;
  }
  return { impossible: why };
}

/** A program of ours that is run in namespaces. */
export interface InsideProgram {
  /** The module, built. */
  readonly url: URL;
  readonly args?: readonly string[];
  /** What goes before it; see `findNamespace`. */
  readonly command: readonly string[];
  /** For messages. */
  readonly title: string;
  /** Called with what the program sends. */
  readonly onMessage: (message: unknown) => void;
}

/**
 * Runs a program, and ends it on SIGINT, SIGTERM and SIGHUP by cutting the channel to it. It cannot outlive this process:
 * it is to end when that channel is cut.
 *
 * @returns its exit code; 128 + n when signal n stopped it
 */
export async function runInside({ url, args = [], command, title, onMessage }: InsideProgram): Promise<number> {
  const [first = process.execPath, ...rest] = [...command, process.execPath, fileURLToPath(url), ...args];
  const child = spawn(first, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C goes to every process of the terminal; this one shall hear it alone.
    detached: true,
  });
  child.on('message', onMessage);
  let stoppedBy: NodeJS.Signals | undefined;
  const stop = (name: NodeJS.Signals): void => {
    stoppedBy ??= name;
    void endSoon(child);
  };
  for (const name of stopSignals) process.on(name, stop);
  const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  for (const name of stopSignals) process.off(name, stop);
  if (stoppedBy !== undefined) {
    say(`tapline: stopped by ${stoppedBy}`);
    return EXIT_SIGNAL + constants.signals[stoppedBy];
  }
  if (killedBy !== null) say(`tapline: ${title} was killed by ${killedBy}`);
  return code ?? EXIT_FAILURE;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function endSoon(child: ChildProcess): Promise<void> {
  if (child.connected) child.disconnect();
  await sleep(3_000, undefined, { ref: false });
  child.kill('SIGKILL');
}
