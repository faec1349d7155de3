import { setImmediate as nextRound, setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Device } from '../../../src/device/device.ts';
import {
  type FilterLike,
  type Line,
  type Pipeline,
  type Queue,
  type StageHost,
  type Summary,
  openPipeline,
} from '../../../src/index.ts';
import { type SocketPair, openSocketPair } from '../../engine/support/socketPair.ts';

/** A line that runs, and what it logged. */
export interface Started extends AsyncDisposable {
  readonly line: Line;
  readonly running: Promise<Summary>;
  readonly log: readonly string[];
  /** Ends the line and returns its summary. */
  stop(): Promise<Summary>;
}

export async function started(pipeline: Pipeline): Promise<Started> {
  const log: string[] = [];
  const line = await openPipeline({ log: (message) => log.push(message), ...pipeline });
  const running = line.run();
  running.catch(() => undefined);
  return {
    line,
    running,
    log,
    async stop() {
      await line.close();
      return await running;
    },
    async [Symbol.asyncDispose]() {
      await line.close();
    },
  };
}

/** The next `count` frames that come out of a queue; copies. */
export async function take(queue: Queue, count: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  await until(() => {
    for (let batch = queue.tryReceive(); batch !== null; batch = queue.tryReceive()) {
      for (const frame of batch) frames.push(frame.slice());
    }
    return frames.length >= count;
  }, `${count} frames come out, ${frames.length} did`);
  expect(frames).toHaveLength(count);
  return frames;
}

/** Takes out, and forgets, whatever comes. */
export function drain(...queues: readonly Queue[]): number {
  let count = 0;
  for (const queue of queues) {
    for (let batch = queue.tryReceive(); batch !== null; batch = queue.tryReceive()) count += batch.length;
  }
  return count;
}

/** Waits until `read` packets came in and none is held any more; `queues` are emptied meanwhile. */
export async function settled(line: Line, read: number, ...queues: readonly Queue[]): Promise<Summary> {
  await until(
    () => {
      drain(...queues);
      const now = line.summary();
      return now.read === read && now.held === 0;
    },
    `${read} packets are settled: ${JSON.stringify(line.summary())}`,
  );
  // Copies are completed in a turn of their own.
  for (let i = 0; i < 3; i++) {
    drain(...queues);
    await nextRound();
  }
  expectBalance(line.summary());
  return line.summary();
}

export async function until(isDone: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`Not within 10 s: ${what}`);
    await pause(0);
  }
}

/** Every packet that was read is accounted for. */
export function expectBalance(summary: Summary): void {
  const { read, made, forwarded, dropped, lost, merged, held } = summary;
  expect(read + made, JSON.stringify(summary)).toBe(forwarded + dropped + lost + merged + held);
  const reasons = Object.values(summary.reasons).reduce((total, count) => total + count, 0);
  expect(reasons).toBe(dropped + lost);
  const sum = (field: 'read' | 'forwarded' | 'lost' | 'mirrored'): number =>
    Object.values(summary.ports).reduce((total, port) => total + port[field], 0);
  expect([sum('read'), sum('forwarded'), sum('lost')]).toEqual([read, forwarded, lost]);
}

/** A filter that lets all pass and shows what the line gives to a filter: its arena, for one. */
export function probe(): { readonly filter: FilterLike; readonly host: () => StageHost } {
  let found: StageHost | undefined;
  const stage = {
    judge() {
      // All go on.
    },
    configure() {
      // There is nothing to be set.
    },
    counters: () => ({}),
    close() {
      // Nothing is held.
    },
  };
  return {
    filter: {
      manifest: { name: 'probe' },
      open(host) {
        found = host;
        return stage;
      },
    },
    host() {
      if (found === undefined) throw new Error('The probe is in no line');
      return found;
    },
  };
}

/** A device without a kernel behind it: a socket, whose other side is the link. */
export interface SocketDevice {
  readonly device: Device;
  readonly link: SocketPair;
  /** What the line asked of it. */
  readonly calls: string[];
  /** What the kernel would say of it. */
  readonly kernel: { dropped: number; mtu: number };
}

export async function socketDevice(
  name: string,
  { kind = 'tap', fail = '', headerBytes = 0 }: { kind?: Device['kind']; fail?: string; headerBytes?: number } = {},
): Promise<SocketDevice> {
  const link = await openSocketPair();
  const calls: string[] = [];
  const kernel = { dropped: 0, mtu: 1500 };
  const none = { bytes: 0, packets: 0, errors: 0, dropped: 0 };
  const did = (call: string): void => {
    calls.push(call);
    if (call === fail) throw new Error(`${call} failed`);
  };
  const device: Partial<Device> = {
    kind,
    name,
    fd: link.fd,
    headerBytes,
    offloads: [],
    isOpen: true,
    setOffloads(offloads) {
      did('setOffloads');
      return offloads;
    },
    mtu() {
      did('mtu');
      return kernel.mtu;
    },
    statistics() {
      return { rx: none, tx: { ...none, dropped: kernel.dropped } };
    },
    close() {
      did('close');
      link.close();
    },
  };
  return { device: device as Device, link, calls, kernel };
}
