// What happens to compiled filters but rarely: a trap, and an exchange.

import { setImmediate as nextRound } from 'node:timers/promises';
import { openPipeline, queue, wasmFilter } from 'tapline';
import { functionCase, traffic } from 'tapline/bench';
import { toFilterSource } from '../../dist/src/filter/define.js';
import { openJudgedBatch } from '../../dist/src/bench/micro/judgedBatch.js';

const size = {
  quick: { rounds: 5, sampleMs: 15 },
  default: { rounds: 15, sampleMs: 30 },
  full: { rounds: 41, sampleMs: 60 },
};
const compiled = (name) => wasmFilter(new URL(`./filters/${name}.wasm`, import.meta.url));

export const filterTrap = {
  name: 'filter-trap',
  title: 'A batch for which a sandboxed filter traps once, and goes on behind it',
  kind: 'micro',
  metrics: [{ name: 'time', unit: 'µs/batch', better: 'less' }],
  reference: 'no trap',
  size,
  cases: [batchCase('no trap', await compiled('noTelnet')), batchCase('one trap', await compiled('trapOnce'))],
};

function batchCase(name, filter) {
  return functionCase(name, async ({ seed }) => {
    const options = { ports: [], onFailure: () => undefined };
    const { judge, close } = await openJudgedBatch([toFilterSource(filter)], traffic({ seed }), options);
    // Nanoseconds for a thousand are microseconds for one.
    return { packets: 1000, run: judge, close };
  });
}

export const filterExchange = {
  name: 'filter-exchange',
  title: 'Exchange of a compiled filter in a line, rehearsal over the last packets included',
  kind: 'micro',
  metrics: [
    { name: 'p50', unit: 'µs', better: 'less' },
    { name: 'p95', unit: 'µs', better: 'less' },
  ],
  size,
  cases: [exchangeCase('sandboxed', await compiled('noTelnet'))],
};

const EXCHANGES = 20;

function exchangeCase(name, filter) {
  return {
    name,
    async open({ seed }) {
      const [left, right] = [queue(), queue()];
      const line = await openPipeline({ ports: { left, right }, filters: [filter()] });
      const ended = line.run();
      for (const frame of traffic({ seed })) left.trySend(frame);
      await nextRound();
      return {
        sample: () => exchange(line, filter),
        async close() {
          await line.close();
          await ended;
        },
      };
    },
  };
}

async function exchange(line, filter) {
  const times = [];
  for (let i = 0; i < EXCHANGES; i++) {
    const start = performance.now();
    line.filters.replace(line.filters.names[0], filter());
    times.push((performance.now() - start) * 1000);
    await nextRound();
  }
  times.sort((a, b) => a - b);
  return { p50: times[EXCHANGES / 2], p95: times[EXCHANGES - 2] };
}
