// A relay of small frames from TAP to TAP: what one packet costs, beside a C program that does nothing else.
//
// Frames are put into the first device's queue while nobody reads; then the relay is started and timed until the last
// one was written. They go up the receiver's stack as far as a UDP socket that nobody reads. Rounds of C and tapline
// alternate. CPU time is the steadier figure on a shared machine. C comes twice: read/write, and io_uring.

import { fileURLToPath } from 'node:url';
import { inside, onFirstCore, onSecondCore, output, startLines } from './support/children.js';
import { makeHosts, setUp } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';
import { compile } from './support/yardstick.js';

const FRAME_BYTES = 60;
/** Of the line with one filter through io_uring, beside the two C programs. */
const TARGETS = { c: 1, cUring: 1.2 };

/** @param {{ rounds: number, frames: number }} size five more before them warm up and do not count */
export async function benchRelay({ rounds, frames }) {
  heading(`Relay of ${FRAME_BYTES}-byte frames, TAP to TAP, ${frames} queued, ${rounds} rounds (ns per packet)`);
  const inject = compile('inject');
  const contenders = {
    c: await contestC('relay', frames),
    cUring: await contestC('relayUring', frames),
    uring: await contestLine(frames, 'uring'),
    readloop: await contestLine(frames, 'readloop'),
  };
  const times = { c: [], cUring: [], uring: [], readloop: [] };
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

const NAMES = {
  c: 'C, poll + read/write',
  cUring: 'C, io_uring',
  uring: 'tapline uring, one filter',
  readloop: 'tapline readloop, one filter',
};

function report(times) {
  const column = (name, clock) => times[name].map((round) => round[clock]);
  for (const clock of ['wall', 'cpu']) {
    for (const [name, title] of Object.entries(NAMES)) row(`${title}, ${clock} time`, spread(column(name, clock)));
    for (const name of ['uring', 'readloop']) {
      for (const [yardstick, aim] of Object.entries(TARGETS)) {
        const quotients = ratios(column(name, clock), column(yardstick, clock));
        const remark = name === 'uring' && clock === 'wall' ? target(`≤ ${aim}`, median(quotients) <= aim) : '';
        row(`${NAMES[name]} / ${NAMES[yardstick]}, ${clock} time`, spread(quotients, 2), remark);
      }
    }
  }
}

async function contestC(program, frames) {
  const hosts = await makeHosts();
  const places = [`left=${hosts.left}`, `right=${hosts.right}`];
  const child = startLines(onFirstCore([compile(program), '-c', `${frames}`, ...places]));
  await child.line();
  await setUp(hosts);
  return await contender(hosts, child);
}

async function contestLine(count, engine) {
  const hosts = await makeHosts();
  const plan = { left: hosts.left, right: hosts.right, offloads: 'none', filter: true, count, engine };
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
