import { setTimeout as sleep } from 'node:timers/promises';

import type { BenchCase, BenchContext, BenchGroup, Contender } from '../benchCase.ts';
import { startChild } from '../children.ts';
import { findCores } from '../cores.ts';
import { openGenerator } from './generator.ts';
import { devices, inside } from './hosts.ts';
import { latencies } from './latencyGroup.ts';
import type { Path, PathKind } from './path.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** Between two datagrams. */
const GAP_US = 1_000;
/** The flood begins before them, and ends after them. */
const AROUND_MS = 100;

/**
 * The time that datagrams take from the right host to the left while the left one sends as many frames of 60 bytes the
 * other way as its device takes: how much a flood in one direction holds up the other.
 */
export function oneWayGroup({ paths, ...rest }: PathGroupOptions): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: [
      { name: 'p50', unit: 'µs', better: 'less' },
      { name: 'p99', unit: 'µs', better: 'less' },
      { name: 'lost', unit: '%', better: 'less', hasRatio: false },
    ],
    size: {
      quick: { rounds: 2, sampleMs: 500 },
      default: { rounds: 5, sampleMs: 700 },
      full: { rounds: 11, sampleMs: 2_000 },
    },
    cases: paths.map(oneWayCase),
  };
}

function oneWayCase(kind: PathKind): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      const path = await kind.open(context, { offloads: 'none' });
      return await orClose(path, () => contend(context, path));
    },
  };
}

async function contend(context: BenchContext, path: Path): Promise<Contender> {
  const program = context.programs.compile('oneway');
  const start = (host: number, argument: string) =>
    startChild(inside(host, findCores().onSecond([program, argument])), context);
  const receiver = start(path.hosts.left, '-l');
  const sender = start(path.hosts.right, devices.left.address);
  const generator = await openGenerator(context, path.hosts, 60);
  await Promise.all([receiver.line(), sender.line()]);
  const count = Math.max(100, Math.floor(((context.sampleMs - 3 * AROUND_MS) * 1000) / GAP_US));
  return {
    async sample() {
      const flood = generator.sendFor((count * GAP_US) / 1000 + 2 * AROUND_MS, 0);
      await sleep(AROUND_MS);
      sender.say(`${count} ${GAP_US}`);
      await Promise.all([sender.line(), flood]);
      await sleep(AROUND_MS);
      receiver.say('now');
      return latencies(await receiver.line(), count);
    },
    async close() {
      await Promise.all([receiver.end(), sender.end(), generator.close()]);
      await path.close();
    },
  };
}
