// A worker thread that runs a line between two ports on an engine that the main thread has lent. It dies as it is told.

import { parentPort, workerData } from 'node:worker_threads';
import { Arena } from '../../../dist/src/core/arena.js';
import { Batch } from '../../../dist/src/core/batch.js';
import { checkedItem } from '../../../dist/src/filter/guarded.js';
import { Breath } from '../../../dist/src/pipeline/breath.js';
import { Chain } from '../../../dist/src/pipeline/chain.js';
import { plainCopies } from '../../../dist/src/pipeline/copies.js';
import { adoptEngine } from '../../../dist/src/pipeline/lentEngine.js';
import { talliesIn } from '../../../dist/src/pipeline/tally.js';

const { plans, memory, handle, ports, tallies, death, after, state } = workerData;
const states = new Int32Array(state);
let seen = 0;

function die() {
  Atomics.store(states, 0, 1);
  if (death === 'exit') process.exit(3);
  if (death === 'throw')
    setImmediate(() => {
      throw new Error('lost');
    });
  if (death === 'throw') throw new Error('lost');
  if (death === 'memory') for (const all = []; ;) all.push(new Array(1e5).fill({ all }).map((one) => ({ ...one })));
  if (death === 'hang') for (;;);
}

const filter = {
  name: 'mortal',
  reasons: ['odd'],
  filter(packet) {
    if (++seen > after && death !== 'never') die();
    if (packet.u8(18) % 4 === 3) return packet.drop('odd');
    return undefined;
  },
};

const arena = new Arena(plans, undefined, memory);
arena.setRoute(0, 1);
arena.setRoute(1, 0);
const batch = new Batch(arena);
const engine = await adoptEngine(arena, ports, handle, { busyPoll: 0 });
const host = {
  arena,
  batch,
  portNumber: () => undefined,
  portName: () => '',
  log: () => undefined,
  bindCopy: plainCopies,
};
const chain = new Chain(host, death === 'none' ? [] : [checkedItem(filter)]);
const breath = new Breath(
  arena,
  batch,
  engine,
  chain,
  ports.map(({ number }) => ({ number, headerBytes: 0 })),
  {
    tallies: talliesIn(tallies),
  },
);
let again;
const ready = () => {
  if (breath.breathe(ready)) {
    again ??= setImmediate(() => {
      again = undefined;
      ready();
    });
  }
};
engine.start({ ready });
if (death === 'timerHang')
  setTimeout(() => {
    Atomics.store(states, 0, 1);
    for (;;);
  }, after);
if (death === 'timerExit') setTimeout(() => process.exit(3), after);
parentPort.postMessage({ names: chain.stageNames() });
parentPort.once('message', () => {
  breath.exhale();
  engine.close();
  breath.afterClose();
  chain.close();
  process.exitCode = 0;
});
