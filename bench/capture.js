// Capture files: how fast they are read, and what a line over one makes of it.
//
//   node bench/capture.js [MEBIBYTES]
//
// The input is generated in the system's folder for temporary files (MEBIBYTES of each kind, 512 by default, which is in
// the page cache then) and removed. Each part runs in a process of its own, so that its memory can be told. CPU time is
// given beside wall time; and, for a line, what a packet costs in the fastest tenth of its rounds of the event loop: on a
// machine that does other things as well, these are the figures that can be compared.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture, createCapture, discard, file, openCapture, openPipeline } from '../dist/src/index.js';
import { tcpFrame } from './support/frames.js';
import { printMachine } from './support/machine.js';
import { heading, row, target } from './support/report.js';
import { median } from './support/statistics.js';

const ROUNDS = 3;
const MEBIBYTE = 2 ** 20;
const parts = { generate, read, line };
const targets = { 'and drops': 'drop', 'and forwards': 'discard', 'and writes': 'write', 'and records': 'record' };
const [part, ...rest] = process.argv.slice(2);
if (part in parts) await parts[part](...rest);
else main(Number(part ?? 512));

function main(mebibytes) {
  printMachine();
  const folder = mkdtempSync(join(tmpdir(), 'tapline-capture-'));
  try {
    for (const format of ['pcap', 'pcapng']) {
      for (const bytes of [1500, 60]) {
        const path = join(folder, `${bytes}.${format}`);
        const written = run('generate', path, String(bytes), String(mebibytes));
        heading(`${format}, packets of ${bytes} bytes, ${mebibytes} MiB`);
        row('write', `${rate(written)}   ${each(written)}`);
        const read = measure('read', path);
        const wanted = bytes === 1500 ? target('1 GiB/s', bytesPerSecond(read) >= 2 ** 30) : '';
        row('read', `${rate(read)}   ${each(read)}`, wanted);
        for (const [what, target] of Object.entries(targets)) printLine(measure('line', path, target), what, bytes);
        rmSync(path);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function printLine(line, what, bytes) {
  const isGated = what === 'and drops';
  const undisturbed = 1000 / line.roundNs;
  row(
    `read → dissect → one filter → count, ${what}`,
    `${(line.packets / line.cpuSeconds / 1e6).toFixed(2)} million packets/s of CPU   ${each(line)}`,
  );
  row(
    '  in rounds that nobody disturbs',
    `${undisturbed.toFixed(2)} million packets/s   ${line.roundNs.toFixed(0)} ns per packet`,
    isGated && bytes === 60 ? target('3 million', undisturbed >= 3) : '',
  );
  row('  largest resident memory', `${line.rssMebibytes} MiB`, target('150 MiB', line.rssMebibytes < 150));
}

/** The round with the median CPU time of several. */
function measure(...args) {
  const rounds = Array.from({ length: ROUNDS }, () => run(...args));
  const middle = median(rounds.map(({ cpuSeconds }) => cpuSeconds));
  return rounds.find(({ cpuSeconds }) => cpuSeconds === middle) ?? rounds[0];
}

function run(...args) {
  return JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' }));
}

function bytesPerSecond({ bytes, cpuSeconds }) {
  return bytes / cpuSeconds;
}

function rate(result) {
  const wall = result.bytes / result.seconds / 2 ** 30;
  return `${(bytesPerSecond(result) / 2 ** 30).toFixed(2)} GiB/s of CPU (${wall.toFixed(2)} by the clock)`;
}

function each({ packets, cpuSeconds }) {
  return `${((cpuSeconds / packets) * 1e9).toFixed(0)} ns per packet`;
}

// ── In a process of its own ────────────────────────────────────────────────────────────────────────────────────────────

async function generate(path, packetBytes, mebibytes) {
  const packet = tcpFrame(Number(packetBytes));
  const count = Math.ceil((Number(mebibytes) * MEBIBYTE) / (packet.length + 32));
  const memory = { bytes: packet, view: new DataView(packet.buffer) };
  const info = { seconds: 1_700_000_000, nanoseconds: 0 };
  await timed(path, async () => {
    const writer = createCapture(path, { interfaces: [{ name: 'lan0', linkType: 1 }] });
    for (let i = 0; i < count; i++) {
      info.nanoseconds = i % 1_000_000_000;
      while (!writer.writeFrom(memory, 0, packet.length, info, true)) {
        await new Promise((resolve) => writer.awaitRoom(resolve));
      }
    }
    await writer.close();
    return { packets: writer.written };
  });
}

async function read(path) {
  const reader = await openCapture(path);
  let bytes = 0;
  await timed(path, () => {
    while (reader.next()) bytes += reader.length;
    return { packets: reader.packets };
  });
  reader.close();
  if (bytes === 0) throw new Error('Nothing was read');
}

/** A line over a capture, with the filter that users write first. */
async function line(path, target) {
  let telnet = 0;
  let others = 0;
  const roundsNs = [];
  let seen = 0;
  let start = process.hrtime.bigint();
  // What the filter has seen since the event loop was here last.
  const round = () => {
    const now = process.hrtime.bigint();
    const count = telnet + others - seen;
    if (count > 0) roundsNs.push(Number(now - start) / count);
    seen += count;
    start = now;
    isOver || setImmediate(round);
  };
  let isOver = false;
  const isDropping = target === 'drop';
  const filter = {
    name: 'count',
    filter(packet) {
      if (packet.isTcp && packet.destinationPort === 23) telnet++;
      else others++;
      if (isDropping) packet.drop();
    },
  };
  const opened = await openPipeline({
    ports: { in: file(path), out: target === 'write' ? capture('/dev/null') : discard() },
    filters: [filter],
    ...(target === 'record' ? { record: capture('/dev/null') } : {}),
  });
  setImmediate(round);
  await timed(path, async () => {
    const { read } = await opened.run();
    isOver = true;
    if (read !== telnet + others) throw new Error(`${read} packets were read and ${telnet + others} seen`);
    return { packets: read, roundNs: roundsNs.sort((a, b) => a - b)[Math.floor(roundsNs.length / 10)] };
  });
}

/** Prints what `task` cost for the file at `path`, with the figures that it returns. */
async function timed(path, task) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const figures = await task();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rssMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({
      ...figures,
      bytes: statSync(path).size,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      rssMebibytes,
    }),
  );
}
