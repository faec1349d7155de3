import type { BenchCase, BenchContext, BenchGroup, Contender } from '../benchCase.ts';
import { openGenerator } from './generator.ts';
import { openInstructionCounter } from './instructions.ts';
import type { Path, PathKind } from './path.ts';

/** What groups over paths have in common. */
export interface PathGroupOptions extends Pick<BenchGroup, 'name' | 'title' | 'reference' | 'least'> {
  /** Ways from host to host, in the order of the report. `reference` is the name of one of them. */
  readonly paths: readonly PathKind[];
}

/** Frames that wait in the queue of the first device for each sample. */
const FRAMES = { quick: 4_000, default: 8_000, full: 8_000 } as const;

/**
 * What relaying one frame costs: frames are put into the first device's queue while the relay stands still; then it is
 * let go, and timed until the last one is written. Nobody competes with it, and nothing is lost. CPU time stands first: it
 * does not contain what others on the machine take.
 *
 * @param frameBytes of each Ethernet frame, 42 at least
 */
export function relayGroup({
  frameBytes,
  paths,
  ...rest
}: PathGroupOptions & { readonly frameBytes: number }): BenchGroup {
  return {
    ...rest,
    kind: 'live',
    metrics: [
      { name: 'cpu', unit: 'ns/packet', better: 'less' },
      { name: 'wall', unit: 'ns/packet', better: 'less' },
      { name: 'instructions', unit: '/packet', better: 'less', isCompared: true },
    ],
    size: {
      quick: { rounds: 3, warmUps: 5, sampleMs: 30 },
      default: { rounds: 15, warmUps: 5, sampleMs: 60 },
      full: { rounds: 41, warmUps: 10, sampleMs: 60 },
    },
    cases: paths.filter(({ canWait }) => canWait).map((kind) => relayCase(kind, frameBytes)),
  };
}

function relayCase(kind: PathKind, frameBytes: number): BenchCase {
  return {
    ...nameOf(kind),
    async open(context) {
      const count = FRAMES[context.effort];
      const path = await kind.open(context, { offloads: 'none', count });
      return await orClose(path, () => contend(context, path, frameBytes, count));
    },
  };
}

async function contend(context: BenchContext, path: Path, frameBytes: number, count: number): Promise<Contender> {
  const generator = await openGenerator(context, path.hosts, frameBytes);
  const counter = await openInstructionCounter(context, path.pid);
  return {
    async sample() {
      const { taken } = await generator.send(count);
      if (taken !== count) throw new Error(`The queue took ${taken} of ${count} frames`);
      const before = await counter?.read();
      const { wallNs, cpuNs } = await path.relay();
      const after = await counter?.read();
      const instructions =
        after === undefined || before === undefined ? {} : { instructions: (after - before) / count };
      return { cpu: cpuNs / count, wall: wallNs / count, ...instructions };
    },
    async close() {
      await Promise.all([generator.close(), counter?.close()]);
      await path.close();
    },
  };
}

/** Name and least effort of a path, for its case. */
export function nameOf({ name, least }: PathKind): Pick<BenchCase, 'name' | 'least'> {
  return { name, ...(least === undefined ? {} : { least }) };
}

/** What `open` gives, or, when it fails, the failure after the path was closed. */
export async function orClose<Result>(path: Path, open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    await path.close();
    throw error;
  }
}
