import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { openPipeline } from '../../pipeline/open.ts';
import { type Queue, queue } from '../../pipeline/queue.ts';
import { demoFilters } from './filters.ts';
import { leftMachine, rightMachine } from './memoryMachines.ts';
import type { Outcome } from './outcome.ts';

/** The demo without devices: the same filters between two queues, with generated frames. */
export async function demoInMemory(): Promise<Outcome> {
  const ports = { left: queue(), right: queue() };
  const line = await openPipeline({ ports, filters: demoFilters });
  const running = line.run();
  const page = randomBytes(PAGE_BYTES);
  const left = leftMachine(page);
  const right = rightMachine(page, (frame) => ports.right.send(frame));
  const readers = [receive(ports.left, left.take), receive(ports.right, right.take)];
  for (const frame of left.frames()) await ports.left.send(frame);
  await until(() => left.hasAll() && line.summary().held === 0);
  const summary = line.summary();
  await line.close();
  await Promise.all([running, ...readers]);
  return { left: left.report(), right: right.report(), summary, engine: line.engine };
}

const PAGE_BYTES = 4 * 1024 * 1024;
/** Longest wait for what is still on its way. */
const SETTLE_MS = 5_000;

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (!condition() && performance.now() < end) await sleep(5);
}

async function receive(port: Queue, take: (frame: Uint8Array) => Promise<void> | void): Promise<void> {
  for await (const batch of port) for (const frame of batch) await take(frame);
}
