// How long a line takes from the start of its process until packets flow, beside a Node that does nothing.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageFolder } from 'tapline/bench';

const main = join(packageFolder(), 'dist/src/cli/main.js');

export const start = {
  name: 'start',
  title: 'Start of a process',
  kind: 'live',
  metrics: [{ name: 'time', unit: 'ms', better: 'less' }],
  reference: 'node, doing nothing',
  size: {
    quick: { rounds: 2, sampleMs: 150 },
    default: { rounds: 9, sampleMs: 150 },
    full: { rounds: 21, sampleMs: 150 },
  },
  cases: [
    startCase('node, doing nothing', ['-e', 'console.log("ready:")']),
    startCase('tapline run, two TAP devices', [main, 'run', '--tap', 'left', '--tap', 'right']),
  ],
};

function startCase(name, args) {
  return { name, open: ({ signal }) => ({ sample: async () => ({ time: await milliseconds(args, signal) }) }) };
}

/** From the start of a Node until it says `ready:`; then it is ended. */
async function milliseconds(args, signal) {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const ended = new Promise((resolve) => child.once('close', resolve));
  let text = '';
  const ready = new Promise((resolve) => {
    const hear = (chunk) => {
      text += chunk;
      if (/^ready:/m.test(text)) resolve(performance.now() - begin);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  const time = await Promise.race([ready, ended.then(() => null)]);
  child.kill();
  await ended;
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (time === null) throw new Error(`node ${args.join(' ')} ended: ${text}`);
  return time;
}
