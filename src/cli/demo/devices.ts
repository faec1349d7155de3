import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EXIT_FAILURE, EXIT_SIGNAL } from '../exitCodes.ts';
import { say } from '../output.ts';
import type { InsideMessage } from './inside.ts';

/** How the demo with devices ended: with an exit code, or because there can be none. */
export type Ending = { readonly code: number } | { readonly impossible: string };

/**
 * Runs the demo in a network namespace of its own, and ends it on SIGINT, SIGTERM and SIGHUP. It cannot outlive this process:
 * it ends when the channel between them is cut.
 */
export async function demoWithDevices(): Promise<Ending> {
  const namespace = findNamespace();
  if ('impossible' in namespace) return namespace;
  const inside = fileURLToPath(new URL('./inside.js', import.meta.url));
  const child = spawn('unshare', [...namespace.flags, process.execPath, inside], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C goes to every process of the terminal; this one shall hear it alone.
    detached: true,
  });
  return follow(child);
}

async function follow(child: ChildProcess): Promise<Ending> {
  let impossible: string | undefined;
  let stoppedBy: NodeJS.Signals | undefined;
  child.on('message', (message: InsideMessage) => {
    impossible = message.impossible;
  });
  const stop = (name: NodeJS.Signals): void => {
    stoppedBy ??= name;
    void endSoon(child);
  };
  for (const name of stopSignals) process.on(name, stop);
  const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  for (const name of stopSignals) process.off(name, stop);
  if (stoppedBy !== undefined) {
    say(`tapline: stopped by ${stoppedBy}`);
    return { code: EXIT_SIGNAL + constants.signals[stoppedBy] };
  }
  if (killedBy !== null) say(`tapline: the demo was killed by ${killedBy}`);
  return impossible === undefined ? { code: code ?? EXIT_FAILURE } : { impossible };
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function endSoon(child: ChildProcess): Promise<void> {
  if (child.connected) child.disconnect();
  await sleep(3_000, undefined, { ref: false });
  child.kill('SIGKILL');
}

/** Root needs no user namespace, unless it is root of a container without the right to make others. */
function findNamespace(): { readonly flags: readonly string[] } | { readonly impossible: string } {
  const choices = process.geteuid?.() === 0 ? [['-n'], ['-Urn']] : [['-Urn']];
  let why = 'no namespaces';
  for (const flags of choices) {
    const { error, status, stderr } = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8', timeout: 5_000 });
    if (status === 0) return { flags };
    why = error === undefined ? stderr.trim() : `unshare: ${error.message}`;
  }
  return { impossible: why };
}
