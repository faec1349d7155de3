// The ways from one host to another that live groups measure. A new engine, or more queues, is another line here.

import { bridgePath, linePath, programPath } from 'tapline/bench';

const filter = new URL('./filters/noTelnet.js', import.meta.url).href;

/** Lines, by engine and number of filters. */
const lines = ['readloop', 'uring'].flatMap((engine) =>
  [0, 1, 2, 4, 8].map((count) =>
    linePath(`line ${engine}, ${count === 1 ? '1 filter' : `${count} filters`}`, {
      engine,
      filters: new Array(count).fill(filter),
      least: { 0: 'quick', 1: 'quick', 2: 'full', 4: 'full', 8: 'default' }[count],
    }),
  ),
);

export const reference = 'C read/write';

export const paths = [
  programPath(reference, { program: 'relay' }),
  programPath('C io_uring', { program: 'uring' }),
  bridgePath('Linux bridge', { least: 'default' }),
  ...lines,
];

/** Round trips only: it keeps a core busy. */
export const busyLine = linePath('line uring, busy poll', { engine: 'uring', busyPoll: 1000, filters: [filter] });
