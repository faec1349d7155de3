import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Node itself catches the signals that stop a process; this one is only caught by a command that listens. */
const CAUGHT = 1n << BigInt(constants.signals.SIGUSR2 - 1);

/** Waits until a command listens for signals, however busy the machine is. Rejects after 20 s. */
export async function untilItListens({ pid }: { readonly pid: number }): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const [, caught = '0'] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if ((BigInt(`0x${caught}`) & CAUGHT) !== 0n) return;
    await sleep(20);
  }
  throw new Error(`Process ${pid} never listened for signals`);
}
