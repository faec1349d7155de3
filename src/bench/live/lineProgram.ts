import { readSync } from 'node:fs';
import { setImmediate as nextRound } from 'node:timers/promises';

import type { FilterLike } from '../../filter/define.ts';
import { openPipeline, pcapFilter } from '../../index.ts';
import { type DevicePort, type EngineChoice, tap } from '../../pipeline/declaration.ts';
import type { Line } from '../../pipeline/line.ts';
import { wasmFilter } from '../../wasm/wasmFilter.ts';
import { QUEUE_PACKETS, devices } from './hosts.ts';
import type { Offloads } from './path.ts';

/**
 * The line that `linePath` measures: a program of its own, with the protocol of `bench/c/tun.h`. Its argument is a
 * `LinePlan`; it prints `ready` once the line runs. Without a count it runs until its input is closed; with one it stands
 * still, and for each line of input it relays so many frames and prints what that took.
 *
 * @module
 */

/** URL of a module whose default export is a filter, or a filter of a pcap expression. */
export type LineFilter = string | { readonly expression: string };

export interface LinePlan {
  /** Processes in whose network namespaces the devices are. */
  readonly left: number;
  readonly right: number;
  readonly offloads: Readonly<Record<'left' | 'right', Offloads>>;
  readonly engine: string;
  readonly busyPoll: number;
  readonly filters: readonly LineFilter[];
  readonly count?: number;
  readonly queues?: number;
}

main(JSON.parse(process.argv[2] ?? '') as LinePlan).catch((error: unknown) => {
  // The report says it, as why this line was not measured.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function main(plan: LinePlan): Promise<void> {
  const line = await openPipeline({
    ...(plan.queues === undefined ? {} : { queues: plan.queues }),
    ports: { left: port('left', plan), right: port('right', plan) },
    engine: plan.engine as EngineChoice,
    busyPoll: plan.busyPoll,
    filters: await load(plan.filters),
  });
  const ended = line.run();
  process.stdout.write('ready\n');
  if (plan.count === undefined) await inputEnds();
  else await relay(line, plan.count);
  await line.close();
  await ended;
}

function port(side: 'left' | 'right', plan: LinePlan): DevicePort {
  const { mac, cidr } = devices[side];
  return tap(side, {
    netns: plan[side],
    offloads: plan.offloads[side],
    txQueueLength: QUEUE_PACKETS,
    mac,
    addresses: [cidr],
  });
}

async function load(filters: readonly LineFilter[]): Promise<FilterLike[]> {
  return (await Promise.all(filters.map(loadOne))).flat();
}

/** A compiled filter runs in its sandbox. */
async function loadOne(url: LineFilter): Promise<FilterLike | FilterLike[]> {
  if (typeof url === 'object') return pcapFilter(url.expression);
  if (url.endsWith('.wasm')) return (await wasmFilter(new URL(url)))();
  return ((await import(url)) as { readonly default: FilterLike | FilterLike[] }).default;
}

function inputEnds(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.resume().on('end', () => {
      resolve();
    });
  });
}

async function relay(line: Line, count: number): Promise<void> {
  const input = Buffer.alloc(64);
  // Waiting for input blocks the event loop, on purpose: meanwhile the device's queue is filled, and nobody reads it.
  while (readSync(0, input) > 0) {
    const goal = line.settled + count;
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    while (line.settled < goal) await nextRound();
    const wall = process.hrtime.bigint() - start;
    const { user, system } = process.cpuUsage(cpu);
    process.stdout.write(`${wall} ${(user + system) * 1000}\n`);
  }
}
