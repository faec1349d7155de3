import { expect } from 'vitest';
import type { Summary } from '../../../src/index.ts';
import { link } from './ip.ts';
import type { Namespace } from './namespace.ts';
import { pause } from './process.ts';

/** Anything that can say what a line has done: the line itself, or a child process with one. */
export interface Accountant<Counters extends Summary = Summary> {
  summary(): Counters | Promise<Counters>;
}

/** Waits until nothing moves any more, and returns the counters. */
export async function atRest<Counters extends Summary>(
  line: Accountant<Counters>,
  timeoutMs = 10_000,
): Promise<Counters> {
  const deadline = performance.now() + timeoutMs;
  let last = await line.summary();
  for (;;) {
    await pause(60);
    const now = await line.summary();
    if (now.held === 0 && now.read === last.read && now.forwarded === last.forwarded) return now;
    if (performance.now() > deadline) throw new Error(`Not at rest within ${timeoutMs} ms: ${JSON.stringify(now)}`);
    last = now;
  }
}

/** Every packet that was read is accounted for, in the line, by port and by filter. */
export function expectBalance(summary: Summary): void {
  const { read, made, forwarded, dropped, lost, merged, held } = summary;
  expect(read + made, JSON.stringify(summary)).toBe(forwarded + dropped + lost + merged + held);
  const ports = Object.values(summary.ports);
  expect(sum(ports.map((port) => port.read))).toBe(read);
  expect(sum(ports.map((port) => port.forwarded))).toBe(forwarded);
  expect(sum(Object.values(summary.reasons))).toBe(dropped + lost);
}

/**
 * The kernel counted what the line counted: its `tx` is what the line read from a device, its `rx` what the line wrote.
 * Looks again while stray packets of the hosts (neighbour discovery) move both.
 */
export async function expectKernelAgrees(line: Accountant, hosts: Readonly<Record<string, Namespace>>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const summary = await atRest(line);
    const ours: Record<string, unknown> = {};
    const kernel: Record<string, unknown> = {};
    for (const [name, host] of Object.entries(hosts)) {
      const port = summary.ports[name];
      const { rx, tx } = (await link(host, name)).stats64;
      ours[name] = {
        read: port?.read,
        readBytes: port?.readBytes,
        written: (port?.forwarded ?? 0) + (port?.mirrored ?? 0),
      };
      kernel[name] = { read: tx.packets, readBytes: tx.bytes, written: rx.packets };
    }
    if (JSON.stringify(ours) === JSON.stringify(kernel) || attempt === 5) {
      expect(ours).toEqual(kernel);
      return;
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
