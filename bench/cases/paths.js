// The ways from one host to another that live groups measure. A new engine, or more queues, is another line here.

import { availableParallelism } from 'node:os';
import { bridgePath, linePath, programPath } from 'tapline/bench';

const urlOf = (file) => new URL(`./filters/${file}`, import.meta.url).href;
const filter = urlOf('noTelnet.js');

/** Lines, by engine and number of filters. */
const lines = ['readloop', 'uring'].flatMap((engine) =>
  [0, 1, 8].map((count) =>
    linePath(`line ${engine}, ${count === 1 ? '1 filter' : `${count} filters`}`, {
      engine,
      filters: new Array(count).fill(filter),
      least: count === 8 ? 'full' : 'quick',
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

const KINDS = { TypeScript: 'noTelnet.js', 'in place': 'noTelnetInPlace.js', sandboxed: 'noTelnet.wasm' };

/** A line without filters, and with 1 to 8 of each kind. */
export const filterPaths = [
  linePath('no filter'),
  ...Object.entries(KINDS).flatMap(([kind, file]) =>
    [1, 2, 4, 8].map((count) =>
      linePath(`${kind} × ${count}`, {
        filters: new Array(count).fill(urlOf(file)),
        least: count === 1 || count === 8 ? 'quick' : 'default',
      }),
    ),
  ),
];

const MIXED = { left: 'none', right: 'all' };

/** Ways from a host with offloads to one without, and the same without any. */
export const mixedPaths = [
  withOffloads('none', programPath('C read/write, no offloads', { program: 'relay' })),
  withOffloads('none', linePath('line, no offloads')),
  withOffloads(MIXED, programPath('C read/write, cuts', { program: 'relayCut' })),
  withOffloads(MIXED, linePath('line, cuts')),
  withOffloads('all', linePath('line, all offloads')),
];

/** A line without queues, and with 1, 2 and, where there are so many cores, 4. */
export const queuePaths = [
  programPath(reference, { program: 'relay' }),
  linePath('tapline', { filters: [urlOf('noTelnet.wasm')] }),
  ...[1, 2, 4]
    .filter((queues) => queues <= Math.max(2, availableParallelism()))
    .map((queues) =>
      linePath(`tapline, ${queues === 1 ? '1 queue' : `${queues} queues`}`, {
        queues,
        filters: [urlOf('noTelnet.wasm')],
      }),
    ),
];

/** Whatever offloads the group asks for. */
function withOffloads(offloads, path) {
  return { ...path, open: (context, options) => path.open(context, { ...options, offloads }) };
}

/** Round trips only: it keeps a core busy. */
export const busyLine = linePath('line uring, busy poll', { engine: 'uring', busyPoll: 1000, filters: [filter] });
