import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer, Request } from './traffic.ts';

/** A machine of the demo as the demo sees it: a network namespace with one process in it. */
export interface Machine {
  /** The process that holds the namespace. */
  readonly pid: number;
  /** Asks for something. @throws {Error} when the machine failed or went away */
  ask(request: Request): Promise<Answer>;
  /** Ends it, and the namespace with it. */
  close(): Promise<void>;
}

/**
 * Starts a machine. Its process does not hear the terminal's Ctrl-C: the demo ends it when the line is closed.
 *
 * @throws {Error} when it does not come up
 */
export async function startMachine(role: 'left' | 'right'): Promise<Machine> {
  const agent = fileURLToPath(new URL('./agent.js', import.meta.url));
  const child = spawn('unshare', ['-n', process.execPath, agent, role], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  const close = closer(child);
  try {
    await nextAnswer(child);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    ask(request) {
      const answer = nextAnswer(child);
      child.send(request);
      return answer;
    },
    close,
  };
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const answer = await new Promise<Answer>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as Answer);
    });
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error('a machine of the demo went away'));
    });
  });
  if (answer.kind === 'failed') throw new Error(answer.why);
  return answer;
}

/** Cutting the channel is the request to end; a process that does not heed it is killed. */
function closer(child: ChildProcess): () => Promise<void> {
  const exited = once(child, 'exit').catch(() => undefined);
  return async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (child.connected) child.disconnect();
    await Promise.race([exited, sleep(1_000)]);
    child.kill('SIGKILL');
    await exited;
  };
}
