import type { BenchCase, BenchContext, BenchGroup, Contender, Sample } from '../benchCase.ts';
import { type Child, runChild, startChild } from '../children.ts';
import { findCores } from '../cores.ts';
import { devices, inside, needTools } from './hosts.ts';
import type { Path, PathKind, PathOptions } from './path.ts';
import { cpuNs, residentMib } from './procfs.ts';
import { type PathGroupOptions, nameOf, orClose } from './relayGroup.ts';

/** What iperf3 carries, and how. */
export interface IperfGroupOptions extends PathGroupOptions {
  readonly protocol: 'tcp' | 'udp';
  /** Of both devices, or of each; the right one is the sender's. */
  readonly offloads: PathOptions['offloads'];
  /** Streams at the same time. Default 1. */
  readonly streams?: number;
}

/** Bulk traffic by iperf3, from the right host to the left, MTU 1500. */
export function iperfGroup({ protocol, offloads, streams = 1, paths, ...rest }: IperfGroupOptions): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: [
      { name: 'rate', unit: 'Gbit/s', better: 'more' },
      { name: 'cpu', unit: 'CPU ms/Gbit', better: 'less' },
      { name: 'lost', unit: '%', better: 'less', hasRatio: false },
      { name: 'memory', unit: 'MiB', better: 'less', hasRatio: false },
    ],
    size: {
      quick: { rounds: 2, warmUps: 0, sampleMs: 1_250 },
      default: { rounds: 5, sampleMs: 1_250 },
      full: { rounds: 11, sampleMs: 3_300 },
    },
    cases: paths.map((kind) => iperfCase(kind, { protocol, offloads, streams })),
  };
}

type Traffic = Required<Pick<IperfGroupOptions, 'protocol' | 'offloads' | 'streams'>>;

function iperfCase(kind: PathKind, traffic: Traffic): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      needTools('iperf3');
      const path = await kind.open(context, { offloads: traffic.offloads });
      return await orClose(path, () => contend(context, path, { ...traffic, name: kind.name }));
    },
  };
}

/** A filter may let nothing of it through. */
const CONNECT_MS = 3_000;

async function contend(
  context: BenchContext,
  path: Path,
  { protocol, streams, name }: Traffic & Pick<PathKind, 'name'>,
): Promise<Contender> {
  const cores = findCores();
  const server = startChild(inside(path.hosts.left, cores.onSecond(['iperf3', '--server', '--forceflush'])), context);
  await listening(server);
  const seconds = Math.max(1, Math.floor(context.sampleMs / 1000));
  const flags = [
    ...(protocol === 'tcp' ? [] : ['--udp', '--bitrate', '0', '--length', '1448']),
    ...(streams === 1 ? [] : ['--parallel', String(streams)]),
  ];
  const target = ['--client', devices.left.address, '--connect-timeout', String(CONNECT_MS)];
  const client = ['iperf3', ...target, '--time', String(seconds), '--json', ...flags];
  let isBlocked = false;
  return {
    async sample() {
      if (isBlocked) return {};
      const before = path.pid === undefined ? Number.NaN : cpuNs(path.pid);
      const text = await runChild(inside(path.hosts.right, cores.onSecond(client)), context.signal);
      const cpu = (path.pid === undefined ? Number.NaN : cpuNs(path.pid)) - before;
      const memory = path.pid === undefined ? {} : { memory: residentMib(path.pid) };
      const why = iperfFailure(text);
      if (why === undefined) return { ...parseIperf(text, protocol, cpu), ...memory };
      context.leftOut(`${name} lets no iperf3 through: ${why}`);
      isBlocked = true;
      return {};
    },
    async close() {
      await server.kill();
      await path.close();
    },
  };
}

async function listening(server: Child): Promise<void> {
  while (!(await server.line()).includes('listening'));
}

/** Why iperf3 has no figures, as it says in JSON. */
export function iperfFailure(text: string): string | undefined {
  return (JSON.parse(text) as IperfReport).error;
}

/** What the receiver got, as iperf3 says in JSON. */
export function parseIperf(text: string, protocol: 'tcp' | 'udp', cpu: number): Sample {
  const { end } = JSON.parse(text) as IperfReport;
  // Of UDP, `sum` is the sender's; what arrived is the share that was not lost.
  const share = protocol === 'udp' ? 1 - (end.sum?.lost_percent ?? 0) / 100 : 1;
  const sum = protocol === 'udp' ? end.sum : end.sum_received;
  if (sum === undefined) throw new Error('iperf3 says nothing of what was received');
  const bits = sum.bytes * 8 * share;
  return {
    rate: (sum.bits_per_second * share) / 1e9,
    ...(Number.isNaN(cpu) || bits === 0 ? {} : { cpu: (cpu / bits) * 1000 }),
    ...(protocol === 'udp' ? { lost: (1 - share) * 100 } : {}),
  };
}

interface IperfSum {
  readonly bytes: number;
  readonly bits_per_second: number;
  readonly lost_percent?: number;
}

interface IperfReport {
  readonly error?: string;
  readonly end: { readonly sum?: IperfSum; readonly sum_received?: IperfSum };
}
