// What one packet costs in each part of a line, without a kernel: tinybench, batches of 256, in cache.

import { Bench } from 'tinybench';
import * as L from '../dist/assembly/layout.js';
import { Arena } from '../dist/src/core/arena.js';
import { Batch } from '../dist/src/core/batch.js';
import { toFilterSource } from '../dist/src/filter/define.js';
import { openPipeline, queue } from '../dist/src/index.js';
import { tcpFrame } from './support/frames.js';
import { heading, row, target } from './support/report.js';

const WORDS = L.RECORD_BYTES / 4;
const CHECKSUM_BYTES = 1500;
const NANOSECONDS = 1e6;

/** @param {{ milliseconds: number }} size time for each part */
export async function benchParts({ milliseconds }) {
  heading(`Parts, ${milliseconds} ms each (ns)`);
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 2, throws: true });
  const parts = [dissect(), admit(), checksum(), filter(), await breath()];
  for (const { title, run } of parts) bench.add(title, run);
  await bench.run();
  for (const { title, units, limit, close } of parts) {
    const { latency } = bench.getTask(title).result;
    const ns = (latency.p50 * NANOSECONDS) / units;
    const quartiles = `[p75 ${((latency.p75 * NANOSECONDS) / units).toFixed(1)}]`;
    row(title, `${ns.toFixed(1)} ${quartiles}`, limit === undefined ? '' : target(`≤ ${limit}`, ns <= limit));
    await close?.();
  }
}

function dissect() {
  const { arena, inbound } = filledArena();
  new Batch(arena).admit(inbound, L.BATCH_COUNT);
  const run = () => checkAll(arena.core.admit(L.BATCH_COUNT));
  return { title: 'dissect a TCP packet of 60 bytes', units: L.BATCH_COUNT, limit: 40, run };
}

/** Dissection, and before it the copy of the engine's records. */
function admit() {
  const { arena, inbound } = filledArena();
  const batch = new Batch(arena);
  const run = () => checkAll(batch.admit(inbound, L.BATCH_COUNT));
  return { title: 'admit one: take over its record, then dissect', units: L.BATCH_COUNT, run };
}

function checkAll(admitted) {
  if (admitted !== L.BATCH_COUNT) throw new Error(`${admitted} of ${L.BATCH_COUNT} frames were admitted`);
}

function checksum() {
  const { arena } = filledArena();
  const address = arena.address(0);
  for (let i = 0; i < CHECKSUM_BYTES; i++) arena.bytes[address + i] = i * 7;
  const run = () => arena.core.checksum(address, CHECKSUM_BYTES);
  return { title: `checksum of ${CHECKSUM_BYTES.toLocaleString('en')} bytes`, units: 1, limit: 400, run };
}

function filter() {
  const { arena, inbound } = filledArena();
  const batch = new Batch(arena);
  batch.admit(inbound, L.BATCH_COUNT);
  const stage = toFilterSource({
    name: 'no-telnet',
    filter(packet) {
      if (packet.isTcp && packet.destinationPort === 23) return packet.drop();
    },
  }).open({
    arena,
    batch,
    stage: 0,
    portNumber: () => undefined,
    portName: () => '',
    reportFailure(error) {
      throw error;
    },
  });
  const run = () => stage.judge(L.BATCH_COUNT, 0);
  return { title: 'a TypeScript filter with two tests', units: L.BATCH_COUNT, limit: 15, run };
}

/** In by a queue, through the line with one filter, out by a queue: both copies of the frame and the event loop included. */
async function breath() {
  const [left, right] = [queue(), queue()];
  const filters = [{ name: 'pass', filter: (packet) => (packet.isTcp ? packet.accept() : packet.drop()) }];
  const line = await openPipeline({ ports: { left, right }, filters });
  const ended = line.run();
  const frame = tcpFrame(60);
  const run = async () => {
    for (let i = 0; i < L.BATCH_COUNT; i++) if (!left.trySend(frame)) throw new Error('There is no room');
    let received = 0;
    while (received < L.BATCH_COUNT) {
      await new Promise(setImmediate);
      for (let batch = right.tryReceive(); batch !== null; batch = right.tryReceive()) received += batch.length;
    }
  };
  const close = async () => {
    await line.close();
    await ended;
  };
  return { title: 'a whole breath, from queue to queue', units: L.BATCH_COUNT, run, close };
}

/** An arena with a batch of frames in the first slots of one port, and the records of them. */
function filledArena() {
  const port = { port: 0, link: L.LINK_ETHERNET, headerBytes: 0, frameBytes: 1518, slots: L.BATCH_COUNT, offloads: 0 };
  const arena = new Arena([port]);
  const frame = tcpFrame(60);
  const inbound = new Uint32Array(L.BATCH_COUNT * WORDS);
  for (let i = 0; i < L.BATCH_COUNT; i++) {
    const slot = arena.take(0);
    const offset = arena.readOffset(0);
    arena.bytes.set(frame, arena.address(slot) + offset);
    inbound.set([slot, 0, frame.length, offset], i * WORDS);
  }
  return { arena, inbound };
}
