// Nothing on the path of a packet allocates. A million packets go through a line with one TypeScript filter, in memory;
// what the heap grew by, divided by the packets, is far below the smallest object there is (12 bytes).
//
//   node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 bench/allocation.js [PACKETS]
//
// The young generation is large enough that nothing is collected meanwhile, which is checked: so growth is allocation.
// `test/netns/line.allocation.test.ts` runs this; it ends with 1 when the figure is too large.

import { PerformanceObserver } from 'node:perf_hooks';
import { openPipeline, queue } from '../dist/src/index.js';
import { tcpFrame } from './support/frames.js';

const BATCH = 256;
const WARM_UP_PACKETS = 200_000;
/** Bytes per packet: a few objects for each batch are allowed, one for each packet is not. */
const LIMIT_BYTES = 6;

const packets = Number(process.argv[2] ?? 1_000_000);
const [left, right] = [queue(), queue()];
let seen = 0;
const filter = {
  name: 'no-telnet',
  filter(packet) {
    seen++;
    if (packet.isTcp && packet.destinationPort === 23) return packet.drop();
  },
};
const line = await openPipeline({ ports: { left, right }, filters: [filter] });
const ended = line.run();
const frame = tcpFrame(60);

await drive(WARM_UP_PACKETS);
let collections = 0;
const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
globalThis.gc();
const idle = await growth(async () => {
  for (let i = 0; i < packets / BATCH; i++) await new Promise(setImmediate);
});
globalThis.gc();
observer.observe({ entryTypes: ['gc'] });
seen = 0;
const busy = await growth(() => drive(packets));
await new Promise(setImmediate);
observer.disconnect();

const perPacket = (busy - idle) / seen;
console.log(`${seen} packets, ${collections} collections, ${perPacket.toFixed(2)} bytes per packet`);
await line.close();
await ended;
if (collections > 0) throw new Error('The heap was collected meanwhile: the figure says nothing');
if (seen < packets || perPacket > LIMIT_BYTES) process.exitCode = 1;

/** Sends so many packets from left to right, a batch for each round of the event loop. */
async function drive(count) {
  for (let sent = 0; sent < count; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) if (!left.trySend(frame)) throw new Error('There is no room');
    for (let received = 0; received < BATCH;) {
      await new Promise(setImmediate);
      for (let batch = right.tryReceive(); batch !== null; batch = right.tryReceive()) received += batch.length;
    }
  }
}

async function growth(work) {
  const before = process.memoryUsage().heapUsed;
  await work();
  return process.memoryUsage().heapUsed - before;
}
