import { setTimeout as sleep } from 'node:timers/promises';

import { type BenchCase, type BenchContext, type BenchGroup, type Contender, Unavailable } from '../benchCase.ts';
import { type Generator, openGenerator } from './generator.ts';
import type { Path, PathKind } from './path.ts';
import { isStopped, linkCounts, threadCpuNs } from './procfs.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** Frames that wait for each sample: no more than the queue of a device with one has room for. */
const FRAMES = 8_000;
/** Source ports among them: enough for the kernel to spread them over a few queues. */
const FLOWS = 64;
/** When nothing has arrived for so long, nothing more will. */
const PATIENCE_MS = 1_000;

/**
 * Frames of many flows, which the kernel spreads over the queues of a device. They are put there while the relaying process
 * is stopped (SIGSTOP); then it goes on, and is timed until the last one has arrived.
 */
export function queueGroup({ paths, ...rest }: PathGroupOptions): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: [
      { name: 'wall', unit: 'ns/packet', better: 'less' },
      { name: 'cpu', unit: 'ns/packet', better: 'less' },
      { name: 'busiest', unit: '% of it', better: 'less', hasRatio: false },
      { name: 'lost', unit: '%', better: 'less', hasRatio: false },
    ],
    size: {
      quick: { rounds: 3, warmUps: 3, sampleMs: 100 },
      default: { rounds: 15, warmUps: 5, sampleMs: 100 },
      full: { rounds: 41, warmUps: 10, sampleMs: 100 },
    },
    cases: paths.map(queueCase),
    notes: [
      '`busiest` is the share of the CPU time that the busiest thread took: 50 % where two queues share evenly.',
      'Without queues the process has one core; with them its threads run wherever the kernel puts them.',
    ],
  };
}

function queueCase(kind: PathKind): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      const path = await kind.open(context, { offloads: 'none' });
      return await orClose(path, () => contend(context, path));
    },
  };
}

async function contend(context: BenchContext, path: Path): Promise<Contender> {
  const { pid } = path;
  if (pid === undefined) throw new Unavailable('there is no process to be stopped');
  const generator = await openGenerator(context, path.hosts, 60, FLOWS);
  return {
    sample: () => relayStopped(path, pid, generator),
    async close() {
      // A process that is stopped hears nothing.
      process.kill(pid, 'SIGCONT');
      await generator.close();
      await path.close();
    },
  };
}

async function relayStopped({ hosts }: Path, pid: number, generator: Generator): Promise<Record<string, number>> {
  await stop(pid);
  const { taken } = await generator.send(FRAMES);
  const received = linkCounts(hosts.right, 'right').received;
  const before = threadCpuNs(pid);
  const start = performance.now();
  process.kill(pid, 'SIGCONT');
  const { arrived, at } = await lastArrival(hosts.right, received + taken);
  const times = [...threadCpuNs(pid)].map(([thread, nanoseconds]) => nanoseconds - (before.get(thread) ?? 0));
  const cpu = times.reduce((sum, nanoseconds) => sum + nanoseconds, 0);
  const count = arrived - received;
  if (count === 0) throw new Error(`None of ${taken} frames has arrived within ${PATIENCE_MS} ms`);
  return {
    wall: ((at - start) * 1e6) / count,
    cpu: cpu / count,
    busiest: (Math.max(...times) / cpu) * 100,
    lost: (1 - count / taken) * 100,
  };
}

/** The threads of a process stop one after the other, and one that does not yet would relay frames before it is timed. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const deadline = performance.now() + PATIENCE_MS;
  while (!isStopped(pid)) {
    if (performance.now() > deadline) throw new Error(`Process ${pid} does not stop`);
    await sleep(1);
  }
}

/** When as many frames had arrived as there were to be, or, where some are missing, the last of those that did. */
async function lastArrival(host: number, goal: number): Promise<{ readonly arrived: number; readonly at: number }> {
  let last = { arrived: linkCounts(host, 'right').received, at: performance.now() };
  while (last.arrived < goal && performance.now() - last.at < PATIENCE_MS) {
    await sleep(1);
    const arrived = linkCounts(host, 'right').received;
    if (arrived > last.arrived) last = { arrived, at: performance.now() };
  }
  return last;
}
