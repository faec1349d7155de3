// A line with lanes in a process of its own: the built library, as a user has it. It says `ready`, and ends in the way that
// standard input tells. What the line logs goes to standard output.

import { filterFrom, openPipeline, tap } from 'tapline';

const { queues, engine, left, right, watchdogMs, filter, argument } = JSON.parse(process.argv[2]);
const line = await openPipeline({
  ports: { left: tap('left', left), right: tap('right', right) },
  queues,
  engine,
  watchdogMs,
  filters: [await filterFrom(new URL('laneFilters.js', import.meta.url), { export: filter, argument })],
  log: (text) => console.log(text),
});
line.run().then(
  (summary) => {
    console.log(`ended ${JSON.stringify(summary)}`);
    process.stdin.destroy();
  },
  (error) => console.log(`failed ${error.code}`),
);
console.log('ready');

const ends = {
  close: () => line.close(),
  exit: () => process.exit(7),
  reject: () => Promise.reject(new Error('nobody catches this')),
  throw: () => {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  },
};
process.stdin.on('data', (way) => ends[String(way).trim()]());
