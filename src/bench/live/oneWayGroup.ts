import type { BenchCase, BenchContext, BenchGroup, Contender } from '../benchCase.ts';
import { startChild } from '../children.ts';
import { findCores } from '../cores.ts';
import { openGenerator } from './generator.ts';
import { devices } from './hosts.ts';
import { LATENCY_METRICS, latencies } from './latencyGroup.ts';
import type { Path, PathKind } from './path.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** Between two probes. */
const GAP_US = 1_000;
/** What the program waits for late ones, see `bench/c/oneWay.c`. */
const TAIL_MS = 500;

/**
 * How long a datagram takes in the quiet direction, while the other one is flooded with as many 60-byte frames as its device
 * takes: from the sender's system call to the receiver's kernel, so that nobody has to be woken up at the end.
 */
export function oneWayGroup({ paths, ...rest }: PathGroupOptions): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: LATENCY_METRICS,
    size: {
      quick: { rounds: 2, sampleMs: 800 },
      default: { rounds: 7, sampleMs: 1_000 },
      full: { rounds: 11, sampleMs: 2_500 },
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
  const { left, right } = path.hosts;
  const program = context.programs.compile('oneWay');
  const command = [program, String(right), String(left), devices.left.address];
  const probe = startChild(findCores().onSecond(command), context);
  await probe.line();
  const generator = await openGenerator(context, path.hosts, 60);
  const count = Math.max(100, Math.floor(((context.sampleMs - TAIL_MS) * 1000) / GAP_US));
  const probing = async (): Promise<string> => {
    probe.say(`${count} ${GAP_US}`);
    return await probe.line();
  };
  return {
    async sample() {
      const flood = generator.sendFor(Math.ceil((count * GAP_US) / 1000), 0);
      const [line] = await Promise.all([probing(), flood]);
      return latencies(line, count);
    },
    async close() {
      await Promise.all([probe.end(), generator.close()]);
      await path.close();
    },
  };
}
