// The line that benchmarks measure, in a process of its own, with the protocol of relay.c.
//
//   node bench/line.js PLAN      PLAN: {"left": PID, "right": PID, "offloads": "all", "filter": true, "count": 8000,
//                                       "engine": "uring"}
//
// Prints `ready` once the line runs. Without `count` it runs until its input is closed; a line of input asks for the
// resident memory. With `count` it stands still, and for each line of input it relays so many frames and prints the wall
// time and the CPU time of that in nanoseconds.

import { readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { openPipeline, tap } from '../dist/src/index.js';
import { QUEUE_PACKETS, devices } from './support/hosts.js';

const plan = JSON.parse(process.argv[2]);
let seen = 0;

/** What a user's first filter looks like: two tests of header fields. */
const filter = {
  name: 'no-telnet',
  filter(packet) {
    seen++;
    if (packet.isTcp && packet.destinationPort === 23) return packet.drop();
  },
};

const line = await openPipeline({
  ports: { left: port('left'), right: port('right') },
  filters: plan.filter ? [filter] : [],
  engine: plan.engine ?? 'auto',
  busyPoll: plan.busyPoll ?? 0,
});
const ended = line.run();
console.log('ready');
if (plan.count) await measure();
else for await (const _ of createInterface({ input: process.stdin })) console.log(process.memoryUsage.rss());
await line.close();
await ended;

function port(name) {
  const { mac, address } = devices[name];
  const options = { offloads: plan.offloads, txQueueLength: QUEUE_PACKETS, netns: plan[name] };
  return tap(name, { ...options, mac, addresses: [address] });
}

async function measure() {
  const input = Buffer.alloc(64);
  // Waiting for input blocks the event loop, on purpose: meanwhile the device's queue is filled, and nobody reads it.
  while (readSync(0, input) > 0) {
    const goal = line.summary().forwarded + plan.count;
    const seenGoal = seen + plan.count;
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    // The filter's count is cheap to look at; only when it is complete, the line is asked how far its writes are.
    while ((plan.filter && seen < seenGoal) || line.summary().forwarded < goal) await turn();
    const wall = process.hrtime.bigint() - start;
    const { user, system } = process.cpuUsage(cpu);
    console.log(`${wall} ${(user + system) * 1000}`);
  }
}
