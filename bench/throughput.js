// Bulk TCP between two hosts with a line between them: iperf3, one stream. What offloads bring, and how far the C relay
// with the same offloads is away. All contenders stand ready in namespaces of their own and take turns.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inside, onFirstCore, onSecondCore, output, startLines } from './support/children.js';
import { makeHosts, setUp } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';
import { compile } from './support/yardstick.js';

/** TUN_F_CSUM | TSO4 | TSO6 | TSO_ECN | USO4 | USO6. */
const ALL_OFFLOADS = '0x6f';
const TARGET_OFFLOAD_GAIN = 5;
/** Of the C relay's rate, with all offloads and with none, and of its CPU time for each gigabit. */
const TARGET_ALL = 1;
const TARGET_NONE = 1.3;
const TARGET_CPU = 1.25;
const TARGET_RSS_MIB = 120;
const MIB = 2 ** 20;
/** The clock of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** @param {{ rounds: number, seconds: number }} size */
export async function benchThroughput({ rounds, seconds }) {
  heading(`iperf3 TCP, one stream, TAP to TAP, MTU 1500, ${rounds} rounds of ${seconds} s (Gbit/s)`);
  const contenders = {
    lineAll: await contestLine('all'),
    cAll: await contestC(ALL_OFFLOADS),
    lineNone: await contestLine('none'),
    cNone: await contestC('0'),
  };
  const rates = { lineAll: [], cAll: [], lineNone: [], cNone: [] };
  const costs = { lineAll: [], cAll: [], lineNone: [], cNone: [] };
  const first = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const before = cpuSeconds(contender.child.pid);
      const { rate, gigabits } = await iperf(contender, seconds);
      rates[name].push(rate);
      costs[name].push((cpuSeconds(contender.child.pid) - before) / gigabits);
    }
    if (round === 0) {
      first.all = await residentMemory(contenders.lineAll);
      first.none = await residentMemory(contenders.lineNone);
    }
  }
  const memory = { all: await residentMemory(contenders.lineAll), none: await residentMemory(contenders.lineNone) };
  await Promise.all(Object.values(contenders).map((contender) => contender.close()));
  report(rates);
  reportCosts(costs);
  reportMemory(first, memory);
}

function report(rates) {
  row('tapline, all offloads', spread(rates.lineAll, 2));
  row('C relay, all offloads', spread(rates.cAll, 2));
  row('tapline, no offloads', spread(rates.lineNone, 2));
  row('C relay, no offloads', spread(rates.cNone, 2));
  const gain = ratios(rates.lineAll, rates.lineNone);
  row('tapline all / none', spread(gain, 1), target(`≥ ${TARGET_OFFLOAD_GAIN}`, median(gain) >= TARGET_OFFLOAD_GAIN));
  row('C all / none', spread(ratios(rates.cAll, rates.cNone), 1));
  const all = ratios(rates.lineAll, rates.cAll);
  row('tapline / C, all offloads', spread(all, 2), target(`≥ ${TARGET_ALL}`, median(all) >= TARGET_ALL));
  const none = ratios(rates.lineNone, rates.cNone);
  row('tapline / C, no offloads', spread(none, 2), target(`≥ ${TARGET_NONE}`, median(none) >= TARGET_NONE));
}

function reportCosts(costs) {
  heading('CPU time of the relay in that (s per gigabit)');
  for (const name of Object.keys(costs)) row(name, spread(costs[name], 3));
  const all = ratios(costs.lineAll, costs.cAll);
  row('tapline / C, all offloads', spread(all, 2), target(`≤ ${TARGET_CPU}`, median(all) <= TARGET_CPU));
  row('tapline / C, no offloads', spread(ratios(costs.lineNone, costs.cNone), 2));
}

function reportMemory(first, last) {
  heading('Resident memory of a process with a line of two TAP devices, MTU 1500: after a round, after all (MiB)');
  for (const [offloads, bytes] of Object.entries(last)) {
    const [before, after] = [first[offloads] / MIB, bytes / MIB];
    const value = `${before.toFixed(0)}, ${after.toFixed(0)}`;
    row(`offloads ${offloads}`, value, target(`< ${TARGET_RSS_MIB}`, after < TARGET_RSS_MIB));
  }
}

/** User and system time of a process, all its threads. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function iperf({ right }, seconds) {
  const command = ['iperf3', '--client', '10.0.0.1', '--time', `${seconds}`, '--json'];
  const { end } = JSON.parse(await output(inside(right, onSecondCore(command))));
  const { bits_per_second: rate, bytes } = end.sum_received;
  return { rate: rate / 1e9, gigabits: (bytes * 8) / 1e9 };
}

async function residentMemory({ child }) {
  child.say('rss');
  return Number(await child.line());
}

async function contestC(offloads) {
  const hosts = await makeHosts();
  const devices = [`left=${hosts.left}`, `right=${hosts.right}`];
  const child = startLines(onFirstCore([compile('relay'), '-o', offloads, ...devices]));
  await child.line();
  await setUp(hosts);
  return await contender(hosts, child);
}

async function contestLine(offloads) {
  const hosts = await makeHosts();
  const plan = JSON.stringify({ left: hosts.left, right: hosts.right, offloads, filter: true });
  const script = fileURLToPath(new URL('line.js', import.meta.url));
  const child = startLines(onFirstCore([process.execPath, script, plan]));
  await child.line();
  return await contender(hosts, child);
}

async function contender(hosts, child) {
  const server = startLines(inside(hosts.left, onSecondCore(['iperf3', '--server', '--forceflush'])));
  while (!(await server.line()).includes('listening'));
  return {
    right: hosts.right,
    child,
    async close() {
      await server.kill();
      await child.end();
      await hosts.close();
    },
  };
}
