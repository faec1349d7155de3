// How long a line takes from the start of its process to `ready:`.

import { fileURLToPath } from 'node:url';
import { inside } from './support/children.js';
import { makeHosts } from './support/hosts.js';
import { heading, row, target } from './support/report.js';
import { median, spread } from './support/statistics.js';
import { spawn } from 'node:child_process';

const TARGET_SECONDS = 0.6;
const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** @param {{ rounds: number }} size */
export async function benchStart({ rounds }) {
  heading(`Start of a process, ${rounds} rounds (s)`);
  const hosts = await makeHosts();
  const times = { node: [], line: [] };
  for (let round = 0; round < rounds; round++) {
    times.node.push(await secondsUntil(/^ready:/m, [process.execPath, '-e', 'console.log("ready:")']));
    times.line.push(await secondsUntil(/^ready:/m, inside(hosts.left, lineCommand)));
  }
  await hosts.close();
  row('node, doing nothing', spread(times.node, 2));
  const isMet = median(times.line) < TARGET_SECONDS;
  row('tapline run, two TAP devices, to `ready:`', spread(times.line, 2), target(`< ${TARGET_SECONDS}`, isMet));
}

const lineCommand = [process.execPath, CLI, 'run', '--tap', 'left', '--tap', 'right'];

/** Starts a command, waits until its output matches, and ends it. */
async function secondsUntil(pattern, [command, ...args]) {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const seconds = await new Promise((resolve, reject) => {
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (chunk) => {
        texts[name] += chunk;
        if (pattern.test(texts[name])) resolve((performance.now() - start) / 1000);
      });
    }
    child.once('close', () => reject(new Error(`${command} ${args.join(' ')} ended: ${texts.stdout}${texts.stderr}`)));
  });
  child.kill();
  await ended;
  return seconds;
}
