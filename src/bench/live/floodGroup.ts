import { setTimeout as sleep } from 'node:timers/promises';

import type { BenchCase, BenchContext, BenchGroup, Contender } from '../benchCase.ts';
import { type Generator, openGenerator } from './generator.ts';
import type { Path, PathKind } from './path.ts';
import { cpuNs, linkCounts } from './procfs.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** Frames that arrive when a host sends as fast as its device takes them, and how many do not. */
export function floodGroup({
  frameBytes,
  paths,
  ...rest
}: PathGroupOptions & { readonly frameBytes: number }): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: [
      { name: 'arrived', unit: 'kpackets/s', better: 'more' },
      { name: 'cpu', unit: 'ns/packet', better: 'less' },
      { name: 'lost', unit: '%', better: 'less', hasRatio: false },
    ],
    size: {
      quick: { rounds: 2, sampleMs: 200 },
      default: { rounds: 7, sampleMs: 500 },
      full: { rounds: 15, sampleMs: 1000 },
    },
    cases: paths.map((kind) => floodCase(kind, frameBytes)),
    notes: [
      'The sender offers as many frames as its device takes or refuses: `lost` says how many did not arrive, `arrived` what gets through all the same.',
      'Through a Linux bridge the sender carries its frames to the end itself, so it cannot offer too many.',
    ],
  };
}

function floodCase(kind: PathKind, frameBytes: number): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      const path = await kind.open(context, { offloads: 'none' });
      return await orClose(path, () => contend(context, path, frameBytes));
    },
  };
}

async function contend(context: BenchContext, path: Path, frameBytes: number): Promise<Contender> {
  const generator = await openGenerator(context, path.hosts, frameBytes);
  return {
    sample: () => flood(path, generator, context.sampleMs),
    async close() {
      await generator.close();
      await path.close();
    },
  };
}

async function flood(
  { hosts, pid }: Path,
  generator: Generator,
  milliseconds: number,
): Promise<Record<string, number>> {
  const before = linkCounts(hosts.right, 'right').received;
  const cpuBefore = pid === undefined ? Number.NaN : cpuNs(pid);
  const { offered, nanoseconds } = await generator.sendFor(milliseconds, 0);
  const during = linkCounts(hosts.right, 'right').received - before;
  const arrived = (await settled(hosts.right)) - before;
  const cpu = (pid === undefined ? Number.NaN : cpuNs(pid)) - cpuBefore;
  return {
    arrived: during / (nanoseconds / 1e6),
    lost: (1 - arrived / offered) * 100,
    ...(Number.isNaN(cpu) || arrived === 0 ? {} : { cpu: cpu / arrived }),
  };
}

/** What has arrived when nothing more does: queues are empty then. A second at most. */
async function settled(host: number): Promise<number> {
  let last = linkCounts(host, 'right').received;
  for (let i = 0; i < 50; i++) {
    await sleep(20);
    const now = linkCounts(host, 'right').received;
    if (now === last) break;
    last = now;
  }
  return last;
}
