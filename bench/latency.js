// How long a packet takes: there and back when nothing else happens, and one way while the other direction is flooded.
// The C relay waits in poll(), the line in the event loop; rounds of both alternate.

import { fileURLToPath } from 'node:url';
import { inside, onFirstCore, onSecondCore, output, startLines } from './support/children.js';
import { makeHosts, setUp } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';
import { compile } from './support/yardstick.js';

const TARGET_IDLE = 2;
const TARGET_FLOOD_MS = 5;

/** @param {{ rounds: number, packets: number }} size */
export async function benchLatency({ rounds, packets }) {
  heading(`Latency, TAP to TAP, no offloads, ${rounds} rounds of ${packets} packets (µs)`);
  const contenders = { c: await contestC(), line: await contestLine(0), busy: await contestLine(200) };
  const idle = { c: [], line: [], busy: [] };
  const flooded = { c: [], line: [], busy: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [name, { hosts }] of Object.entries(contenders)) {
      const [trip, way] = [await roundTrip(hosts, packets), await oneWay(hosts, packets)];
      if (round < 0) continue;
      idle[name].push(trip);
      flooded[name].push(way);
    }
  }
  await Promise.all(Object.values(contenders).map((contender) => contender.close()));
  const titles = { c: 'C relay', line: 'tapline', busy: 'tapline, busy polling for 200 µs' };
  for (const [name, title] of Object.entries(titles)) row(`${title}, round trip at idle, p50`, spread(idle[name]));
  const quotients = ratios(idle.line, idle.c);
  row('tapline / C', spread(quotients, 2), target(`≤ ${TARGET_IDLE}`, median(quotients) <= TARGET_IDLE));
  for (const [name, title] of Object.entries(titles)) {
    const isMet = median(flooded[name]) <= TARGET_FLOOD_MS * 1000;
    const remark = name === 'line' ? target(`≤ ${TARGET_FLOOD_MS} ms`, isMet) : '';
    row(`${title}, one way against a flood, p50`, spread(flooded[name]), remark);
  }
}

/** Median time of pings, ten milliseconds apart. */
async function roundTrip({ left }, packets) {
  const command = ['ping', '-n', '-c', `${Math.ceil(packets / 5)}`, '-i', '0.01', '10.0.0.2'];
  const text = await output(inside(left, onSecondCore(command)));
  return median([...text.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time) * 1000));
}

async function oneWay({ left, right }, packets) {
  const text = await output(onSecondCore([compile('oneWay'), `${right}`, `${left}`, `${packets}`, 'flood']));
  const [arrived, p50] = text.split(' ').map(Number);
  if (arrived === 0) throw new Error('Nothing arrived against the flood');
  return p50;
}

async function contestC() {
  const hosts = await makeHosts();
  const child = startLines(onFirstCore([compile('relay'), `left=${hosts.left}`, `right=${hosts.right}`]));
  await child.line();
  await setUp(hosts);
  return contender(hosts, child);
}

async function contestLine(busyPoll) {
  const hosts = await makeHosts();
  const plan = JSON.stringify({ left: hosts.left, right: hosts.right, offloads: 'none', filter: true, busyPoll });
  const child = startLines(onFirstCore([process.execPath, fileURLToPath(new URL('line.js', import.meta.url)), plan]));
  await child.line();
  return contender(hosts, child);
}

function contender(hosts, child) {
  return {
    hosts,
    async close() {
      await child.end();
      await hosts.close();
    },
  };
}
