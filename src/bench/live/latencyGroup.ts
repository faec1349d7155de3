import type { BenchCase, BenchContext, BenchGroup, Contender, Sample } from '../benchCase.ts';
import { startChild } from '../children.ts';
import { quantile } from '../statistics.ts';
import { findCores } from '../cores.ts';
import { openGenerator } from './generator.ts';
import { devices, inside } from './hosts.ts';
import type { Path, PathKind } from './path.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** What goes on beside the probes. */
export interface LatencyGroupOptions extends PathGroupOptions {
  /** 60-byte frames per second in the direction of the requests. Default 0: nothing. */
  readonly loadRate?: number;
}

/** What is told of the times of a round. */
export const LATENCY_METRICS: BenchGroup['metrics'] = [
  { name: 'p50', unit: 'µs', better: 'less' },
  { name: 'p99', unit: 'µs', better: 'less' },
  { name: 'p99.9', unit: 'µs', better: 'less' },
  { name: 'lost', unit: '%', better: 'less', hasRatio: false },
];

/** Between two probes. */
const GAP_US = 500;
/** With fewer probes in a round, one in a thousand cannot be told. */
const LEAST_FOR_P999 = 1_000;

/** Round trips of ICMP echoes through a path and back, answered by the other host's kernel. */
export function latencyGroup({ loadRate = 0, paths, ...rest }: LatencyGroupOptions): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: LATENCY_METRICS,
    size: {
      quick: { rounds: 2, sampleMs: 350 },
      default: { rounds: 5, sampleMs: 800 },
      full: { rounds: 11, sampleMs: 2_300 },
    },
    cases: paths.map((kind) => latencyCase(kind, loadRate)),
  };
}

function latencyCase(kind: PathKind, loadRate: number): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      const path = await kind.open(context, { offloads: 'none' });
      return await orClose(path, () => contend(context, path, loadRate));
    },
  };
}

/** What a probe waits for late answers, see `bench/c/probe.c`. */
const TAIL_MS = 200;

async function contend(context: BenchContext, path: Path, loadRate: number): Promise<Contender> {
  const command = [context.programs.compile('probe'), devices.right.address];
  const probe = startChild(inside(path.hosts.left, findCores().onSecond(command)), context);
  await probe.line();
  const generator = loadRate === 0 ? undefined : await openGenerator(context, path.hosts, 60);
  const count = Math.max(100, Math.floor(((context.sampleMs - TAIL_MS) * 1000) / GAP_US));
  const probing = async (): Promise<string> => {
    probe.say(`${count} ${GAP_US}`);
    return await probe.line();
  };
  return {
    async sample() {
      const load = generator?.sendFor(Math.ceil((count * GAP_US) / 1000), loadRate);
      const [line] = await Promise.all([probing(), load]);
      return latencies(line, count);
    },
    async close() {
      await Promise.all([probe.end(), generator?.close()]);
      await path.close();
    },
  };
}

/** Percentiles of the round trips of one round. */
export function latencies(line: string, count: number): Sample {
  const times = line
    .trim()
    .split(' ')
    .filter(Boolean)
    .map((nanoseconds) => Number(nanoseconds) / 1000);
  const lost = (1 - times.length / count) * 100;
  if (times.length === 0) return { lost };
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    ...(times.length < LEAST_FOR_P999 ? {} : { 'p99.9': quantile(times, 0.999) }),
    lost,
  };
}
