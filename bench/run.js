// `npm run bench`: what each part costs, and a C program beside it. Figures are printed, never gated: machines differ,
// ratios within one run are what means something.
//
//   npm run bench                     everything, about five minutes
//   npm run bench -- --quick          a smoke run of everything, seconds
//   npm run bench -- relay parts      only these: parts, allocation, relay, throughput, latency, start
//
// Devices need root, or a user namespace; without either only the parts that need no kernel run.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findSandbox, missingTools } from '../test/netns/support/sandbox.js';
import { printMachine } from './support/machine.js';
import { heading } from './support/report.js';

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const isQuick = values.quick === true;

const benchmarks = {
  parts: { run: parts },
  allocation: { run: allocation },
  relay: { run: relay, needs: ['gcc', 'nsenter', 'taskset'] },
  throughput: { run: throughput, needs: ['gcc', 'nsenter', 'taskset', 'iperf3'] },
  latency: { run: latency, needs: ['gcc', 'nsenter', 'taskset', 'ping'] },
  start: { run: start, needs: ['nsenter'] },
};

const unknown = positionals.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`Unknown benchmark ${unknown.join(', ')}: known are ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else if (!existsSync(fileURLToPath(new URL('../dist/src/index.js', import.meta.url)))) {
  console.error('Nothing is built yet: npm run build');
  process.exitCode = 1;
} else {
  process.exitCode = await main();
}

async function main() {
  if (process.env['TAPLINE_NAMESPACE'] === undefined) {
    const sandbox = findSandbox();
    if (sandbox.command !== undefined) return again(sandbox.command);
    console.log(`Without devices: ${sandbox.reason}`);
  }
  printMachine();
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
  for (const name of names) {
    const { run, needs } = benchmarks[name];
    const reason = needs === undefined ? undefined : whyNot(needs);
    if (reason === undefined) await run();
    else heading(`${name}: left out, ${reason}`);
  }
  return process.exitCode ?? 0;
}

/** Runs this program once more, in namespaces of its own. */
function again([command, ...args]) {
  const env = { ...process.env, TAPLINE_NAMESPACE: '1' };
  return (
    spawnSync(command, [...args, process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env }).status ?? 1
  );
}

function whyNot(needs) {
  if (process.env['TAPLINE_NAMESPACE'] === undefined) return 'there are no devices';
  const missing = missingTools(needs);
  return missing.length === 0 ? undefined : `no ${missing.join(', no ')} here`;
}

async function parts() {
  const { benchParts } = await import('./parts.js');
  await benchParts({ milliseconds: isQuick ? 50 : 1000 });
}

function allocation() {
  heading('Allocation on the path of a packet');
  const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  const script = fileURLToPath(new URL('allocation.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [...flags, script, ...(isQuick ? ['200000'] : [])], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}

async function relay() {
  const { benchRelay } = await import('./relay.js');
  await benchRelay(isQuick ? { rounds: 2, frames: 2000 } : { rounds: 25, frames: 8000 });
}

async function throughput() {
  const { benchThroughput } = await import('./throughput.js');
  await benchThroughput(isQuick ? { rounds: 1, seconds: 1 } : { rounds: 7, seconds: 3 });
}

async function latency() {
  const { benchLatency } = await import('./latency.js');
  await benchLatency(isQuick ? { rounds: 1, packets: 100 } : { rounds: 5, packets: 500 });
}

async function start() {
  const { benchStart } = await import('./start.js');
  await benchStart({ rounds: isQuick ? 2 : 10 });
}
