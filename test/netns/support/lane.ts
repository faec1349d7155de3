import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ArenaLayout } from '../../../src/core/arenaLayout.ts';
import { type StageNames, StageReader } from '../../../src/core/stageReader.ts';
import type { Device } from '../../../src/device/device.ts';
import type { Loan } from '../../../src/engine/lent/lent.ts';
import { lendEngine } from '../../../src/pipeline/lentEngine.ts';
import { type Tallies, talliesIn, tallyMemory } from '../../../src/pipeline/tally.ts';
import { collectGarbage, openDescriptors } from './device.ts';
import { pause } from './process.ts';

/** How a worker ends: by itself in a filter or a timer, or not at all. */
export type Death = 'exit' | 'throw' | 'memory' | 'hang' | 'timerHang' | 'timerExit' | 'never' | 'none';

/** A worker that runs a line on an engine of ours, and all that belongs to it. */
export interface Lane {
  readonly worker: Worker;
  readonly loan: Loan;
  readonly tallies: Tallies;
  readonly stages: StageReader;
  /** What it died of, unless it exited or was terminated. */
  readonly errors: readonly Error[];
  /** When the worker has exited. */
  readonly exited: Promise<unknown>;
  /** Whether its filter, or its timer, does what ends it. */
  readonly isDying: () => boolean;
}

const WORKER = fileURLToPath(new URL('lentWorker.js', import.meta.url));
const plan = { link: 1, headerBytes: 0, frameBytes: 1538, slots: 512, offloads: 0 } as const;

/** Starts a lane between two devices. `after`: packets that its filter sees before it dies, or milliseconds of the timer. */
export async function startLane(
  engine: 'uring' | 'readloop',
  devices: readonly Device[],
  death: Death,
  after: number,
): Promise<Lane> {
  const plans = devices.map((_, port) => ({ ...plan, port }));
  const ports = devices.map(({ name, fd }, number) => ({ name, fd, number }));
  const layout = new ArenaLayout(plans);
  const memory = layout.allocate();
  const { loan } = await lendEngine(layout, memory, ports, { engine });
  const shared = tallyMemory(ports.length);
  const state = new SharedArrayBuffer(4);
  const worker = new Worker(WORKER, {
    workerData: { plans, memory, ports, death, after, state, handle: loan.handle, tallies: shared },
    resourceLimits: death === 'memory' ? { maxOldGenerationSizeMb: 24 } : {},
    stderr: true,
  });
  const stages = new StageReader(new DataView(memory.buffer));
  const errors: Error[] = [];
  worker.on('error', (error: Error) => errors.push(error));
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.once('message', ({ names }: { names: StageNames }) => {
    stages.setNames(names);
  });
  const isDying = (): boolean => Atomics.load(new Int32Array(state), 0) === 1;
  return { worker, loan, tallies: talliesIn(shared), stages, errors, exited, isDying };
}

/** Frames that somebody has read from the device, and written to it, as the kernel counts. */
export function kernelCounts(name: string): { read: number; written: number } {
  const count = (file: string): number => Number(readFileSync(`/sys/class/net/${name}/statistics/${file}`, 'utf8'));
  return { read: count('tx_packets'), written: count('rx_packets') };
}

/** Sends frames to interfaces from another thread until it is stopped. */
export async function flood(devices: readonly Device[], pauseMs = 0): Promise<() => Promise<void>> {
  const state = new SharedArrayBuffer(4);
  const worker = new Worker(fileURLToPath(new URL('flood.js', import.meta.url)), {
    workerData: { indices: devices.map(({ index }) => index), state, bytes: 60, pauseMs },
  });
  await once(worker, 'message');
  return async () => {
    Atomics.store(new Int32Array(state), 0, 1);
    Atomics.notify(new Int32Array(state), 0);
    await once(worker, 'exit');
  };
}

/** What this process holds. */
export interface Holdings {
  readonly descriptors: number;
  readonly mappings: number;
  readonly bytes: number;
}

/** How many of our devices there are, and what is held once memories that nobody has any more are gone. */
export function holdings(): { readonly devices: number; settled(): Promise<Holdings> } {
  return {
    devices: readdirSync('/sys/class/net').filter((name) => /^(uring|readloop)\d/.test(name)).length,
    async settled() {
      for (let i = 0; i < 4; i++) {
        collectGarbage();
        await pause(50);
      }
      return {
        descriptors: openDescriptors(),
        mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
        bytes: process.memoryUsage.rss(),
      };
    },
  };
}
