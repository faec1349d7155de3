// Filters over a batch of dissected packets, in every kind that there is. Another kind is another line in `kinds`.

import { pcapFilter, wasmFilter } from 'tapline';
import { filterCase, microGroup, traffic, twinCase } from 'tapline/bench';
import { tryFilter } from 'tapline/testing';
import noTelnet from './filters/noTelnet.js';
import writeMac from './filters/writeMac.js';
import { verdicts } from './verdicts.js';

const mix = { tcp4: 1, udp4: 1 };
/** One packet in eight is for port 23. */
const frames = (seed) => [
  ...traffic({ seed, mix, count: 224 }),
  ...traffic({ seed, mix, count: 32, destinationPort: 23 }),
];
const compiled = (name, options) => wasmFilter(new URL(`./filters/${name}.wasm`, import.meta.url), options);

const kinds = {
  TypeScript: noTelnet,
  'pcap expression': pcapFilter('tcp dst port 23', { onMatch: 'drop' }),
  'compiled, in place': await compiled('noTelnet', { trusted: true }),
  'compiled, sandboxed': await compiled('noTelnet'),
};

export const filter = microGroup({
  name: 'filter',
  title: 'A filter with two tests of header fields',
  reference: 'C',
  cases: [
    twinCase('C', { program: 'filter', frames, answers: (all) => verdicts(noTelnet, all) }),
    ...Object.entries(kinds).map(([name, one]) => filterCase(name, one, { frames })),
    filterCase('compiled, sandboxed, not metered', await compiled('noTelnet', { metered: false }), { frames }),
  ],
});

export const filterWrites = microGroup({
  name: 'filter-writes',
  title: 'A filter that writes to every packet',
  reference: 'C',
  cases: [
    twinCase('C', { program: 'filterWrites', frames, answers: written }),
    filterCase('TypeScript', writeMac, { frames }),
    filterCase('compiled, in place', await compiled('writeMac', { trusted: true }), { frames }),
    filterCase('compiled, sandboxed', await compiled('writeMac'), { frames }),
  ],
});

const MODIFIED = 1;

/** That each frame was written to, and the byte that stands there now. */
async function written(all) {
  const judged = await tryFilter(writeMac, all);
  return judged.map(({ bytes }) => (MODIFIED << 8) | bytes[6]);
}

export const filterChain = microGroup({
  name: 'filter-chain',
  title: 'Filters in a row, each with two tests, all of which see every packet',
  reference: 'TypeScript × 1',
  cases: Object.entries(kinds).flatMap(([name, one]) =>
    [1, 2, 4, 8].map((count) => filterCase(`${name} × ${count}`, new Array(count).fill(one), { frames })),
  ),
});

export const filterFuel = microGroup({
  name: 'filter-fuel',
  title: 'A rate limiter, with and without counting its fuel',
  reference: 'in place',
  cases: await Promise.all(
    Object.entries({
      'in place': { trusted: true },
      'in place, metered': { trusted: true, metered: true },
      'sandboxed, not metered': { metered: false },
      sandboxed: {},
    }).map(async ([name, options]) => filterCase(name, await compiled('rateLimit', options), { frames })),
  ),
});
