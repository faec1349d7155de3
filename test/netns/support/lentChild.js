// A process with two lanes between two devices each, under a flood from inside. It ends as its argument says, while they
// work: `exit` by process.exit(), `throw` by an exception that nobody catches.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { openTap } from '../../../dist/src/index.js';
import { ArenaLayout } from '../../../dist/src/core/arenaLayout.js';
import { silenceAll } from '../../../dist/src/engine/lent/silenceAll.js';
import { lendEngine } from '../../../dist/src/pipeline/lentEngine.js';
import { talliesIn, tallyMemory } from '../../../dist/src/pipeline/tally.js';

const [engine, end] = process.argv.slice(2);
const plan = { link: 1, headerBytes: 0, frameBytes: 1538, slots: 512, offloads: 0 };

async function startLane(names) {
  const devices = await Promise.all(names.map((name) => openTap({ name })));
  const plans = names.map((_, port) => ({ ...plan, port }));
  const ports = devices.map(({ name, fd }, number) => ({ name, fd, number }));
  const layout = new ArenaLayout(plans);
  const memory = layout.allocate();
  const { loan } = await lendEngine(layout, memory, ports, { engine });
  const [tallies, state] = [tallyMemory(ports.length), new SharedArrayBuffer(4)];
  const workerData = { plans, memory, ports, death: 'never', after: 0, state, handle: loan.handle, tallies };
  await once(new Worker(new URL('lentWorker.js', import.meta.url), { workerData }), 'message');
  return { devices, loan, tallies: talliesIn(tallies) };
}

const lanes = [await startLane([`${engine}0`, `${engine}1`]), await startLane([`${engine}2`, `${engine}3`])];
process.on('exit', () => silenceAll(lanes.map(({ loan }) => loan)));
const indices = lanes.flatMap(({ devices }) => devices.map(({ index }) => index));
const state = new SharedArrayBuffer(4);
new Worker(new URL('flood.js', import.meta.url), { workerData: { indices, state, bytes: 60, pauseMs: 0 } });
while (!lanes.every(({ tallies }) => tallies.ports[0].read > 1000))
  await new Promise((resolve) => setTimeout(resolve, 5));
if (end === 'throw') throw new Error('uncaught');
process.exit(0);
