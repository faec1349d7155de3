import { readFileSync, readdirSync } from 'node:fs';

/** Packets that a device has taken in and given out, and what it dropped, as its host sees them. */
export interface LinkCounts {
  readonly received: number;
  readonly sent: number;
}

/** Counters of a device in the network namespace of a process. @throws {Error} when there is no such device */
export function linkCounts(pid: number, device: string): LinkCounts {
  return parseLinkCounts(readFileSync(`/proc/${pid}/net/dev`, 'utf8'), device);
}

/** Columns of `/proc/net/dev`: bytes, packets, and six more of reception; then bytes, packets, … of transmission. */
export function parseLinkCounts(text: string, device: string): LinkCounts {
  const line = text.split('\n').find((one) => one.trim().startsWith(`${device}:`));
  const columns = line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  const [received, sent] = [columns?.[1], columns?.[9]];
  if (received === undefined || sent === undefined) throw new Error(`There is no device ${device}`);
  return { received, sent };
}

/** CPU time of all threads of a process up to now, in nanoseconds; NaN where the kernel does not tell. */
export function cpuNs(pid: number): number {
  try {
    return [...threadCpuNs(pid).values()].reduce((sum, nanoseconds) => sum + nanoseconds, 0);
  } catch {
    return Number.NaN;
  }
}

/** The same by thread. @throws {Error} where the kernel does not tell */
export function threadCpuNs(pid: number): Map<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`);
  const time = (thread: string): number =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return new Map(threads.map((thread) => [thread, time(thread)]));
}

/** Whether every thread of a process has stopped. The state stands behind the name, which may hold anything. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').includes(') T '),
  );
}

/** Resident memory of a process in MiB. */
export function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
