// A relay of small frames from TAP to TAP: what one packet costs, beside a C program that does nothing else.
//
// Frames are put into the first device's queue while nobody reads; then the relay is started and timed until the last
// one was written. They go up the receiver's stack as far as a UDP socket that nobody reads. Rounds of C and tapline
// alternate. CPU time is the steadier figure on a shared machine.

import { fileURLToPath } from 'node:url';
import { inside, onFirstCore, onSecondCore, output, startLines } from './support/children.js';
import { makeHosts, setUp } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';
import { compile } from './support/yardstick.js';

const FRAME_BYTES = 60;
const TARGET_RATIO = 1.35;

/** @param {{ rounds: number, frames: number }} size five more before them warm up and do not count */
export async function benchRelay({ rounds, frames }) {
  heading(`Relay of ${FRAME_BYTES}-byte frames, TAP to TAP, ${frames} queued, ${rounds} rounds (ns per packet)`);
  const inject = compile('inject');
  const contenders = {
    c: await contestC(frames),
    plain: await contestLine(frames, false),
    filtered: await contestLine(frames, true),
  };
  const times = { c: [], plain: [], filtered: [] };
  for (let round = -5; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      await output(inside(contender.left, onSecondCore([inject, 'left', `${frames}`, `${FRAME_BYTES}`])));
      contender.child.say('go');
      const [wall, cpu] = (await contender.child.line()).split(' ').map((text) => Number(text) / frames);
      if (round >= 0) times[name].push({ wall, cpu });
    }
  }
  await Promise.all(Object.values(contenders).map((contender) => contender.close()));
  report(times);
}

function report(times) {
  const column = (name, clock) => times[name].map((round) => round[clock]);
  const names = { c: 'C, poll + read/write', plain: 'tapline', filtered: 'tapline, one TypeScript filter' };
  for (const clock of ['wall', 'cpu']) {
    for (const [name, title] of Object.entries(names)) row(`${title}, ${clock} time`, spread(column(name, clock)));
    for (const name of ['plain', 'filtered']) {
      const quotients = ratios(column(name, clock), column('c', clock));
      const isTarget = name === 'filtered' && clock === 'wall';
      const remark = isTarget ? target(`≤ ${TARGET_RATIO}`, median(quotients) <= TARGET_RATIO) : '';
      row(`${names[name]} / C, ${clock} time`, spread(quotients, 2), remark);
    }
  }
}

async function contestC(frames) {
  const hosts = await makeHosts();
  const places = [`left=${hosts.left}`, `right=${hosts.right}`];
  const child = startLines(onFirstCore([compile('relay'), '-c', `${frames}`, ...places]));
  await child.line();
  await setUp(hosts);
  return await contender(hosts, child);
}

async function contestLine(count, filter) {
  const hosts = await makeHosts();
  const plan = { left: hosts.left, right: hosts.right, offloads: 'none', filter, count };
  const script = fileURLToPath(new URL('line.js', import.meta.url));
  const child = startLines(onFirstCore([process.execPath, script, JSON.stringify(plan)]));
  await child.line();
  return await contender(hosts, child);
}

async function contender(hosts, child) {
  const sink = startLines(inside(hosts.right, [compile('inject'), 'sink']));
  await sink.line();
  return {
    left: hosts.left,
    child,
    async close() {
      await child.end();
      await sink.end();
      await hosts.close();
    },
  };
}
