import type { BenchCase, BenchContext, Contender, Metric } from '../benchCase.ts';

/** A function to be timed. */
export interface Timed {
  /** What is timed, again and again. */
  run(): unknown;
  /** Packets (or whatever the unit names) that one call of `run` handles. */
  readonly packets: number;
  close?(): void | Promise<void>;
}

/** The metric of functions: nanoseconds for each packet. */
export const NS_PER_PACKET: Metric = { name: 'time', unit: 'ns/packet', better: 'less' };

/**
 * A case that times a function in this process, by tinybench. A sample is the median of its calls in one round, so that a
 * call during which the machine did something else does not count. `run` may return a promise.
 */
export function functionCase(name: string, open: (context: BenchContext) => Timed | Promise<Timed>): BenchCase {
  return { name, open: async (context) => contend(name, await open(context), context.sampleMs) };
}

async function contend(name: string, timed: Timed, sampleMs: number): Promise<Contender> {
  const { Bench } = await import('tinybench');
  const bench = new Bench({ time: sampleMs, iterations: 8, warmup: false, throws: true });
  // tinybench must know beforehand whether it has to wait, or it would call `run` once without waiting for its end.
  const first = timed.run();
  const isAsync = first instanceof Promise;
  await first;
  if (isAsync)
    bench.add(name, async () => {
      await timed.run();
    });
  else
    bench.add(name, () => {
      timed.run();
    });
  const [task] = bench.tasks;
  if (task === undefined) throw new Error('tinybench has lost its task');
  return {
    async sample() {
      task.reset(false);
      await task.run();
      const { result } = task;
      if (!('latency' in result)) throw new Error(`${name} was not measured: ${result.state}`);
      return { [NS_PER_PACKET.name]: (result.latency.p50 * 1e6) / timed.packets };
    },
    close: () => timed.close?.(),
  };
}
