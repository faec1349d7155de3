// How filters in TypeScript are called: closures, a loop for each filter, or one generated loop for all of them. Chains of
// 1, 2, 4 and 8 filters that read 1, 3 or 6 fields, the first of which drops 0, 10 or 90 % of the packets. All ways take
// turns in one process, where filters are many; then one filter alone in a process of its own, for each way.
//
//   node bench/judge.js [ROUNDS]

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { JudgeBench, WAYS } from './support/judges.js';
import { tcpFrame } from './support/frames.js';
import { heading, row } from './support/report.js';

const BATCH = 256;
const BATCHES = 40;
const WARM_UP = 2000;
let filterCount = 0;

/** Conditions of a filter that reads so many fields; all but the last hold for every packet. */
const CONDITIONS = {
  1: ['packet.destinationPort < limit'],
  3: ['packet.isTcp', 'packet.ttl > 1', 'packet.destinationPort < limit'],
  6: [
    ...['packet.isIpv4', 'packet.isTcp', 'packet.ttl > 1', '(packet.tcpFlags & 2) === 0', 'packet.sourceIpv4 !== 1'],
    'packet.destinationPort < limit',
  ],
};

const [argument = '40', alone] = process.argv.slice(2);
if (alone === undefined) compareAll(Number(argument));
else console.log(JSON.stringify(measure([open(alone, { filters: 1, fields: 3, share: 0.1 })], Number(argument))));

function compareAll(rounds) {
  const names = Object.keys(WAYS);
  console.log(`ns per packet, the least of ${rounds} rounds; in brackets: of the shared loop's`);
  row('', names.map((name) => name.padStart(19)).join(''));
  heading('many filters in one process: filters, fields, dropped by the first');
  for (const filters of [1, 2, 4, 8]) {
    for (const fields of [1, 3, 6])
      for (const share of [0, 0.1, 0.9]) compare({ filters, fields, share }, names, rounds);
  }
  heading('one filter in a process');
  const script = fileURLToPath(import.meta.url);
  const samples = names.map((name) => JSON.parse(execFileSync(process.execPath, [script, String(rounds), name]))[0]);
  print('1 filter, 3 fields, 10 % dropped', names, samples);
}

function compare({ filters, fields, share }, names, rounds) {
  const ways = names.map((name) => open(name, { filters, fields, share }));
  const what = `${filters} filter${filters > 1 ? 's' : ''}, ${fields} field${fields > 1 ? 's' : ''}, ${share * 100} %`;
  print(what, names, measure(ways, rounds));
}

/** A batch, and a chain of filters of its own that judges it in one of the ways. */
function open(name, { filters, fields, share }) {
  const chain = Array.from({ length: filters }, (_, k) => filterOf(fields, k === 0 ? share * 65536 : 0));
  const bench = new JudgeBench(frames(), chain);
  const judge = WAYS[name](bench);
  const expected = BATCH - (share === 0 ? 0 : droppedBelow(share * 65536));
  const run = () => {
    bench.reset();
    const left = judge(BATCH);
    if (left !== expected) throw new Error(`${name}: ${left} packets are left, not ${expected}`);
  };
  for (let i = 0; i < WARM_UP; i++) run();
  return run;
}

/** A function of its own, as each author's is: V8 takes functions of one text for one. */
function filterOf(fields, limit) {
  const test = CONDITIONS[fields].join(' && ');
  return new Function('limit', `return (packet) => { if (${test}) return packet.drop(); }; // ${++filterCount}`)(limit);
}

/** For each way the least of many rounds in which they take turns: whatever else runs only makes a round slower. */
function measure(ways, rounds) {
  const least = ways.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    ways.forEach((run, way) => {
      const start = performance.now();
      for (let i = 0; i < BATCHES; i++) run();
      least[way] = Math.min(least[way], ((performance.now() - start) * 1e6) / BATCHES / BATCH);
    });
  }
  return least;
}

function print(what, names, values) {
  const base = values[names.indexOf('shared loop')];
  const cell = (value) => `${value.toFixed(2).padStart(10)} (${(value / base).toFixed(2).padStart(5)})`.padStart(19);
  row(what, values.map(cell).join(''));
}

function frames() {
  return ports().map((port) => {
    const frame = tcpFrame(60);
    frame.set([port >> 8, port & 255], 36);
    return frame;
  });
}

function droppedBelow(limit) {
  return ports().filter((port) => port < limit).length;
}

/** Destination ports all over the range, the same every time. */
function ports() {
  return Array.from({ length: BATCH }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 16) & 0xffff);
}
