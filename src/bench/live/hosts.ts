import { spawnSync } from 'node:child_process';

import { type BenchContext, Unavailable } from '../benchCase.ts';
import { runChild, startChild } from '../children.ts';

/** Two hosts, each a network namespace with a process in it; the namespaces end with the processes. */
export interface Hosts {
  /** Process ids: what `netns` takes. */
  readonly left: number;
  readonly right: number;
  close(): Promise<void>;
}

/** What a host's device gets, whoever makes it. Its name is the side's. */
export const devices = {
  left: { mac: '02:00:00:00:00:01', address: '10.0.0.1', cidr: '10.0.0.1/24' },
  right: { mac: '02:00:00:00:00:02', address: '10.0.0.2', cidr: '10.0.0.2/24' },
} as const;

/** Long enough for every batch that is put there, and for stalls of a shared machine. */
export const QUEUE_PACKETS = 10_000;

/** @throws {Unavailable} without a compiler */
export async function makeHosts({ programs, signal }: BenchContext): Promise<Hosts> {
  const program = programs.compile('host');
  const [left, right] = [startChild([program], { signal }), startChild([program], { signal })];
  const close = async (): Promise<void> => {
    await Promise.all([left.kill(), right.kill()]);
  };
  try {
    await Promise.all([left.line(), right.line()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { left: left.pid, right: right.pid, close };
}

/** Puts a command into the network namespace of a process. */
export function inside(pid: number, command: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${pid}/ns/net`, ...command];
}

/** Gives the devices `left` and `right`, which somebody has made, what `devices` says, and takes them up. */
export async function setUpDevices(hosts: Hosts, signal: AbortSignal): Promise<void> {
  for (const side of ['left', 'right'] as const) {
    const ip = (...args: string[]): Promise<string> => runChild(inside(hosts[side], ['ip', ...args]), signal);
    await ip('address', 'add', devices[side].cidr, 'dev', side);
    await ip('link', 'set', 'dev', side, 'address', devices[side].mac, 'txqueuelen', String(QUEUE_PACKETS), 'up');
  }
}

const found = new Map<string, boolean>();

/** @throws {Unavailable} when one of these commands is not installed */
export function needTools(...tools: readonly string[]): void {
  const missing = tools.filter((tool) => {
    if (!found.has(tool)) {
      const { error } = spawnSync(tool, ['--version'], { stdio: 'ignore', timeout: 5_000 });
      found.set(tool, error === undefined);
    }
    return found.get(tool) === false;
  });
  if (missing.length > 0) throw new Unavailable(`not installed: ${missing.join(', ')}`);
}
