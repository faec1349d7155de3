// What a compiled filter costs per packet, in batches of 256 that lie in the cache: all variants in turn in one process,
// the least of many rounds, since whatever else runs only makes a round slower.
//
//   node bench/filters.js [MILLISECONDS]

import * as L from '../dist/assembly/layout.js';
import { Arena } from '../dist/src/core/arena.js';
import { Batch } from '../dist/src/core/batch.js';
import { StageTable } from '../dist/src/core/stageTable.js';
import { openPipeline, queue, wasmFilter } from '../dist/src/index.js';
import { nativeCopies } from '../dist/src/pipeline/copies.js';
import { loadLibc } from '../dist/src/sys/libc.js';
import { tcpFrame } from './support/frames.js';
import { heading, row, target } from './support/report.js';
import { filterOf } from './support/wat.js';

const WORDS = L.RECORD_BYTES / 4;
const NANOSECONDS = 1e6;
const MICROSECONDS = 1e3;

/** TCP to port 23, or a TTL that is nearly used up. */
const READS = `
  (br_if $judged (i32.eqz (i32.and (i32.load offset=12 (local.get $descriptor)) (i32.const 0x20))))
  (br_if $judged (i32.and
    (i32.ne (i32.load16_u offset=48 (local.get $descriptor)) (i32.const 23))
    (i32.ge_u (i32.load8_u offset=22 (local.get $frame)) (i32.const 2))))
  (i32.store8 (local.get $outcome) (i32.const 2))`;

/** A byte of each frame. */
const WRITES = `
  (i32.store8 offset=6 (local.get $frame) (i32.const 2))
  (i32.store8 offset=1 (local.get $outcome) (i32.const 1))`;

/** A token bucket for each of 256 flows, in the state: what a packet costs beside looking it up is a division. */
const LIMITS = `
  (local.set $index (i32.add (i32.load offset=48 (local.get $call))
    (i32.shl (i32.and (i32.load offset=24 (local.get $descriptor)) (i32.const 255)) (i32.const 4))))
  (local.set $number (i64.add
    (i64.load (local.get $index))
    (i64.div_u
      (i64.mul (i64.sub (i64.load offset=24 (local.get $call)) (i64.load offset=8 (local.get $index))) (i64.const 1000))
      (i64.const 1000000000))))
  (if (i64.gt_u (local.get $number) (i64.const 100)) (then (local.set $number (i64.const 100))))
  (i64.store offset=8 (local.get $index) (i64.load offset=24 (local.get $call)))
  (if (i64.eqz (local.get $number))
    (then (i32.store8 (local.get $outcome) (i32.const 2)))
    (else (local.set $number (i64.sub (local.get $number) (i64.const 1)))))
  (i64.store (local.get $index) (local.get $number))`;

/** @param {number} milliseconds time for each variant */
async function main(milliseconds) {
  heading(`Compiled filters, about ${milliseconds} ms each (ns per packet)`);
  const libc = await loadLibc();
  const stages = await variants(libc);
  const least = interleaved(stages, milliseconds);
  report(least);
  await benchTrap(libc);
  await benchSwap();
}

async function variants(libc) {
  const limiter = { state: { version: 1, bytes: 4096 } };
  const open = async (body, manifest, options, count = 1) => {
    const bench = new Stages(libc);
    const filter = await wasmFilter(filterOf(body, manifest), options);
    for (let i = 0; i < count; i++) bench.add(filter());
    return bench;
  };
  return {
    inPlace: await open(READS, {}, { trusted: true }),
    reads: await open(READS, {}, {}),
    readsUnmetered: await open(READS, {}, { metered: false }),
    writesInPlace: await open(WRITES, { writes: true }, { trusted: true }),
    writes: await open(WRITES, { writes: true }, {}),
    four: await open(READS, {}, {}, 4),
    limiter: await open(LIMITS, limiter, {}),
    limiterUnmetered: await open(LIMITS, limiter, { metered: false }),
    limiterInPlace: await open(LIMITS, limiter, { trusted: true, metered: true }),
    limiterInPlaceUnmetered: await open(LIMITS, limiter, { trusted: true }),
  };
}

/** A batch in an arena, and stages that judge it. */
class Stages {
  arena = new Arena([
    { port: 0, link: L.LINK_ETHERNET, headerBytes: 0, frameBytes: 1518, slots: L.BATCH_COUNT, offloads: 0 },
  ]);
  batch = new Batch(this.arena);
  table = new StageTable(this.arena.view);
  stages = [];
  now = 0;

  constructor(libc) {
    this.libc = libc;
    const inbound = new Uint32Array(L.BATCH_COUNT * WORDS);
    const frame = tcpFrame(60);
    for (let i = 0; i < L.BATCH_COUNT; i++) {
      const slot = this.arena.take(0);
      const offset = this.arena.readOffset(0);
      this.arena.bytes.set(frame, this.arena.address(slot) + offset);
      inbound.set([slot, 0, frame.length, offset], i * WORDS);
    }
    this.batch.admit(inbound, L.BATCH_COUNT);
  }

  add(source) {
    const row = this.table.take(source.manifest, source.limits);
    const stage = source.open({
      arena: this.arena,
      batch: this.batch,
      stage: row,
      portNumber: () => undefined,
      portName: () => '',
      reportFailure: () => undefined,
      log: () => undefined,
      bindCopy: nativeCopies(this.libc),
    });
    this.stages.push(stage);
  }

  judge() {
    this.now += 1e6;
    for (const stage of this.stages) stage.judge(L.BATCH_COUNT, this.now);
  }
}

/** Least time of a batch, in nanoseconds per packet, of each. */
function interleaved(stages, milliseconds) {
  const least = Object.fromEntries(Object.keys(stages).map((name) => [name, Infinity]));
  const batches = 100;
  const rounds = Math.max(10, Math.round((milliseconds * 10) / batches));
  for (let round = 0; round < rounds; round++) {
    for (const [name, bench] of Object.entries(stages)) {
      const start = performance.now();
      for (let i = 0; i < batches; i++) bench.judge();
      const ns = ((performance.now() - start) * NANOSECONDS) / batches / L.BATCH_COUNT;
      least[name] = Math.min(least[name], ns);
    }
  }
  return least;
}

function report(least) {
  const times = (value, base, limit) =>
    `${(value / base).toFixed(2)} ×  ${target(`≤ ${limit} ×`, value / base <= limit)}`;
  const ns = (value) => value.toFixed(1).padStart(5);
  row('in place, reading', ns(least.inPlace), target('≤ 6 ns', least.inPlace <= 6));
  row('sandboxed, reading', ns(least.reads), times(least.reads, least.inPlace, 6));
  row('sandboxed, reading, not metered', ns(least.readsUnmetered));
  row('in place, writing each packet', ns(least.writesInPlace));
  row('sandboxed, writing each packet', ns(least.writes), times(least.writes, least.inPlace, 10));
  row('four sandboxed, reading', ns(least.four), times(least.four, least.reads, 4.4));
  row('rate limiter, sandboxed', ns(least.limiter), times(least.limiter, least.limiterUnmetered, 1.25));
  row(
    'rate limiter, in place, metered',
    ns(least.limiterInPlace),
    times(least.limiterInPlace, least.limiterInPlaceUnmetered, 1.25),
  );
}

/** A packet that traps among 255 that do not, beside a batch in which none does. */
async function benchTrap(libc) {
  const traps = `(if (i32.eqz (local.get $index)) (then unreachable))`;
  const manifest = { breaker: { traps: 1_000_000, then: 'bypass' } };
  const bench = new Stages(libc);
  bench.add((await wasmFilter(filterOf(traps, manifest)))());
  const calm = new Stages(libc);
  calm.add((await wasmFilter(filterOf('', manifest)))());
  let [least, leastCalm] = [Infinity, Infinity];
  for (let round = 0; round < 200; round++) {
    least = Math.min(
      least,
      timeOf(() => bench.judge()),
    );
    leastCalm = Math.min(
      leastCalm,
      timeOf(() => calm.judge()),
    );
  }
  const us = (least - leastCalm) * MICROSECONDS;
  row('a trap, and going on behind it (µs)', us.toFixed(1), target('≤ 30', us <= 30));
}

/** What `replace` takes between two batches, the filter having been compiled before. */
async function benchSwap() {
  const [left, right] = [queue(), queue()];
  const filter = await wasmFilter(filterOf(READS));
  const line = await openPipeline({ ports: { left, right }, filters: [filter()] });
  const ended = line.run();
  for (let i = 0; i < L.BATCH_COUNT; i++) left.trySend(tcpFrame(60));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const times = [];
  for (let i = 0; i < 100; i++) {
    times.push(timeOf(() => line.filters.replace('bench', filter())));
    await new Promise(setImmediate);
  }
  times.sort((a, b) => a - b);
  const worst = times[94];
  row('exchanging a filter (ms): median', times[50].toFixed(2));
  row('exchanging a filter (ms): 95 of 100', worst.toFixed(2), target('≤ 2', worst <= 2));
  await line.close();
  await ended;
}

function timeOf(run) {
  const start = performance.now();
  run();
  return performance.now() - start;
}

await main(Number(process.argv[2] ?? 300));
