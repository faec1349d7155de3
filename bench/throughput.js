// Bulk TCP between two hosts with a line between them: iperf3, one stream. What offloads bring, and how far the C relay
// with the same offloads is away. All contenders stand ready in namespaces of their own and take turns.

import { fileURLToPath } from 'node:url';
import { inside, onFirstCore, onSecondCore, output, startLines } from './support/children.js';
import { makeHosts, setUp } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';
import { compile } from './support/yardstick.js';

/** TUN_F_CSUM | TSO4 | TSO6 | TSO_ECN | USO4 | USO6. */
const ALL_OFFLOADS = '0x6f';
const TARGET_OFFLOAD_GAIN = 5;
const TARGET_C_SHARE = 0.8;
const TARGET_RSS_MIB = 120;
const MIB = 2 ** 20;

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
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) rates[name].push(await iperf(contender, seconds));
  }
  const memory = { all: await residentMemory(contenders.lineAll), none: await residentMemory(contenders.lineNone) };
  await Promise.all(Object.values(contenders).map((contender) => contender.close()));
  report(rates);
  reportMemory(memory);
}

function report(rates) {
  row('tapline, all offloads', spread(rates.lineAll, 2));
  row('C relay, all offloads', spread(rates.cAll, 2));
  row('tapline, no offloads', spread(rates.lineNone, 2));
  row('C relay, no offloads', spread(rates.cNone, 2));
  const gain = ratios(rates.lineAll, rates.lineNone);
  row('tapline all / none', spread(gain, 1), target(`≥ ${TARGET_OFFLOAD_GAIN}`, median(gain) >= TARGET_OFFLOAD_GAIN));
  row('C all / none', spread(ratios(rates.cAll, rates.cNone), 1));
  const share = ratios(rates.lineAll, rates.cAll);
  row('tapline / C, all offloads', spread(share, 2), target(`≥ ${TARGET_C_SHARE}`, median(share) >= TARGET_C_SHARE));
  row('tapline / C, no offloads', spread(ratios(rates.lineNone, rates.cNone), 2));
}

function reportMemory(memory) {
  heading('Resident memory of a process with a line of two TAP devices, MTU 1500, after that (MiB)');
  for (const [offloads, bytes] of Object.entries(memory)) {
    const mebibytes = bytes / MIB;
    row(`offloads ${offloads}`, mebibytes.toFixed(0), target(`< ${TARGET_RSS_MIB}`, mebibytes < TARGET_RSS_MIB));
  }
}

async function iperf({ right }, seconds) {
  const command = ['iperf3', '--client', '10.0.0.1', '--time', `${seconds}`, '--json'];
  const { end } = JSON.parse(await output(inside(right, onSecondCore(command))));
  return end.sum_received.bits_per_second / 1e9;
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
