// Nothing on the path of a packet allocates. A million packets go through a line between two queues, with a filter in
// TypeScript, a compiled one in a sandbox and one in place. V8's own profile of the heap says which functions allocated
// how much, collected objects included; divided by the packets, that is far below the smallest object there is (16 bytes).
//
//   node --sampling-heap-profiler-suppress-randomness bench/allocation.js [FILTER] [PACKETS]
//
// FILTER: typescript, sandboxed, in-place; or leaking, a filter that makes one small object for each packet.
// `test/pipeline/allocation.test.ts` runs this; it ends with 1 when the figure is too large.

import { Session } from 'node:inspector/promises';
import { openPipeline, queue, wasmFilter } from '../dist/src/index.js';
import { tcpFrame } from './support/frames.js';

const BATCH = 256;
const WARM_UP_PACKETS = 200_000;
/** Bytes per packet: some objects for each batch are allowed, the smallest one for each packet is not. */
const LIMIT_BYTES = 8;
/** Bytes from one sample to the next. */
const INTERVAL_BYTES = 512;
/** Functions whose allocations are shown. */
const SHOWN = 8;

const TELNET = 23;
const compiled = (options) => wasmFilter(new URL('cases/filters/noTelnet.wasm', import.meta.url), options);
const FILTERS = {
  typescript: () => ({
    name: 'no-telnet',
    filter: (packet) => (packet.isTcp && packet.destinationPort === TELNET ? packet.drop() : undefined),
  }),
  sandboxed: () => compiled(),
  'in-place': () => compiled({ trusted: true }),
  leaking: () => ({
    name: 'leaking',
    kept: undefined,
    filter(packet) {
      this.kept = [packet.destinationPort];
    },
  }),
};

async function main(name, packets) {
  const [left, right] = [queue(), queue()];
  const line = await openPipeline({ ports: { left, right }, filters: [await FILTERS[name]()] });
  const ended = line.run();
  await drive(left, right, WARM_UP_PACKETS);
  const before = line.summary().filters[0].packets;
  const owners = await allocations(() => drive(left, right, packets));
  const seen = line.summary().filters[0].packets - before;
  await line.close();
  await ended;
  report(name, owners, seen);
  if (seen < packets || total(owners) / seen > LIMIT_BYTES) process.exitCode = 1;
}

/** Sends so many packets from left to right, a batch for each round of the event loop. */
async function drive(left, right, count) {
  const frame = tcpFrame(60);
  for (let sent = 0; sent < count; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) if (!left.trySend(frame)) throw new Error('There is no room');
    for (let received = 0; received < BATCH;) {
      await new Promise(setImmediate);
      for (let batch = right.tryReceive(); batch !== null; batch = right.tryReceive()) received += batch.length;
    }
  }
}

/** Bytes that each function allocated while `work` ran, what was collected since included. */
async function allocations(work) {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const owners = new Map();
  collect(profile.head, owners);
  return owners;
}

/** Adds up what a node of the profile and those below allocated; our own loop and Node's functions do not count. */
function collect({ callFrame: { functionName, url, lineNumber }, selfSize, children }, owners) {
  const isDriver = functionName === 'drive' || functionName === 'allocations';
  if (selfSize > 0 && !isDriver && !url.startsWith('node:')) {
    const owner = `${functionName || '(anonymous)'} ${url.split('/').at(-1)}:${lineNumber + 1}`;
    owners.set(owner, (owners.get(owner) ?? 0) + selfSize);
  }
  for (const child of children) collect(child, owners);
}

function report(name, owners, packets) {
  const perPacket = (bytes) => (bytes / packets).toFixed(2);
  console.log(`${name}: ${packets} packets, ${perPacket(total(owners))} bytes per packet`);
  const largest = [...owners].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  for (const [owner, bytes] of largest) console.log(`  ${perPacket(bytes).padStart(6)}  ${owner}`);
}

function total(owners) {
  return [...owners.values()].reduce((sum, bytes) => sum + bytes, 0);
}

await main(process.argv[2] ?? 'typescript', Number(process.argv[3] ?? 1_000_000));
