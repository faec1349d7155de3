// Cutting super-packets: what the core needs for one of 64 KiB, beside a C program that is built on the spot.
//
//   node bench/segment.js

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as L from '../dist/assembly/layout.js';
import { Arena } from '../dist/src/core/arena.js';
import { Portions } from '../dist/src/core/portions.js';
import { onFirstCore, startLines } from './support/children.js';
import { superFrame } from './support/frames.js';
import { heading, row, target } from './support/report.js';
import { median, ratios, spread } from './support/statistics.js';

const FRAME_BYTES = 14 + 65_535;
const GSO_SIZE = 1448;
const TARGET_MICROSECONDS = 25;

await benchCutting({ rounds: 25, count: 2000 });

/** @param {{ rounds: number, count: number }} size super-packets in each round */
async function benchCutting({ rounds, count }) {
  heading(`A super-packet of 64 KiB into segments of ${GSO_SIZE} bytes, ${rounds} rounds of ${count} (µs)`);
  const child = startLines(onFirstCore([compile(), `${FRAME_BYTES}`, `${GSO_SIZE}`, `${count}`]));
  await child.line();
  const times = { c: [], core: [] };
  const cut = cutter();
  for (let round = -2; round < rounds; round++) {
    child.say('go');
    const c = Number((await child.line()).split(' ')[0]) / 1000;
    const core = cut(count);
    if (round < 0) continue;
    times.c.push(c);
    times.core.push(core);
  }
  await child.end();
  row('C, gcc -O2', spread(times.c, 1));
  const time = median(times.core);
  row(
    'core: portion and route',
    spread(times.core, 1),
    target(`≤ ${TARGET_MICROSECONDS}`, time <= TARGET_MICROSECONDS),
  );
  row('core / C', spread(ratios(times.core, times.c), 2));
}

/** Cuts one super-packet again and again, with an arena as a line has it. Returns microseconds for one. */
function cutter() {
  const port = {
    port: 0,
    link: L.LINK_ETHERNET,
    headerBytes: L.VNET_BYTES,
    frameBytes: 65_600,
    slots: 1,
    offloads: 0x6f,
  };
  const sink = { ...port, port: 1, headerBytes: 0, frameBytes: 1538, offloads: 0 };
  const arena = new Arena([port, sink], { frameBytes: 1666, slots: 2 * L.BATCH_COUNT });
  arena.setRoute(0, 1);
  const { core, view, bytes } = arena;
  const slot = arena.take(0);
  const offset = arena.readOffset(0);
  const frame = superFrame(FRAME_BYTES, GSO_SIZE);
  bytes.set(frame, arena.address(slot) + offset);
  const record = [slot, 0, frame.length, offset];
  const portions = new Portions(arena);
  return (count) => {
    let nanoseconds = 0;
    for (let i = 0; i < count; i++) {
      record.forEach((word, at) => view.setUint32(L.INBOUND_OFFSET + 4 * at, word, true));
      core.admit(1);
      const start = process.hrtime.bigint();
      if (core.route(1) !== 0) throw new Error('The super-packet was not to be cut');
      portions.begin('forPorts', 0, 1);
      const segments = portions.next();
      if (core.route(segments) !== segments) throw new Error('A segment was not routed');
      nanoseconds += Number(process.hrtime.bigint() - start);
      release(arena, segments);
    }
    return nanoseconds / count / 1000;
  };
}

function compile() {
  const folder = fileURLToPath(new URL('../build/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const source = fileURLToPath(new URL('c/segment.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-o', `${folder}segment`, source], { stdio: 'inherit' });
  return `${folder}segment`;
}

/** Gives the slots of all segments but the last back: that one is in the super-packet's. */
function release(arena, segments) {
  for (let i = 0; i < segments - 1; i++) {
    arena.release(arena.view.getUint32(L.OUTBOUND_OFFSET + i * L.RECORD_BYTES + L.RECORD_SLOT, true));
  }
}
