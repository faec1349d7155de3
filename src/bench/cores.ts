import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** Cores that commands are put on: what relays has the first for itself, hosts and generators share the second. */
export interface Cores {
  /** Numbers of the two cores; null: commands run wherever the kernel puts them. */
  readonly pair: readonly [number, number] | null;
  onFirst(command: readonly string[]): string[];
  onSecond(command: readonly string[]): string[];
}

let known: Cores | undefined;

/** The first two cores that this process may use; with fewer, or without `taskset`, nothing is pinned. */
export function findCores(): Cores {
  known ??= coresOf(allowedCores());
  return known;
}

/**
 * Puts the main thread of this process on the first core, where twins in C run as well: they take turns with it, and so
 * share whatever else happens on that core.
 *
 * @returns puts it back where it may run
 */
export function pinThisThread(): () => void {
  const { pair } = findCores();
  if (pair === null) return () => undefined;
  const pin = (cores: string): void => {
    spawnSync('taskset', ['--pid', '--cpu-list', cores, String(process.pid)], { stdio: 'ignore', timeout: 5_000 });
  };
  const before = allowedCores().join(',');
  pin(String(pair[0]));
  return () => {
    pin(before);
  };
}

function coresOf([first, second]: readonly number[]): Cores {
  const canPin = spawnSync('taskset', ['--version'], { stdio: 'ignore', timeout: 5_000 }).status === 0;
  if (first === undefined || second === undefined || !canPin) {
    return { pair: null, onFirst: (command) => [...command], onSecond: (command) => [...command] };
  }
  const on = (core: number) => (command: readonly string[]) => ['taskset', '-c', String(core), ...command];
  return { pair: [first, second], onFirst: on(first), onSecond: on(second) };
}

function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return parseCores(list);
  } catch {
    return [];
  }
}

/** `0-3,8` as numbers. */
export function parseCores(list: string): number[] {
  return list
    .split(',')
    .filter((part) => /^\d+(-\d+)?$/.test(part))
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
