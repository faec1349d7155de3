// Capture files: written, read, and sent through a line with one filter in TypeScript. All of it in this process, on the
// page cache.

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { capture, createCapture, discard, file, openCapture, openPipeline } from 'tapline';
import { traffic } from 'tapline/bench';
import { startChild } from '../../dist/src/bench/children.js';
import { findCores } from '../../dist/src/bench/cores.js';
import noTelnet from './filters/noTelnet.js';

const MEBIBYTES = { quick: 16, default: 64, full: 256 };
const FORMATS = ['pcap', 'pcapng'];
/** Where captures go that nobody reads. */
const NOWHERE = '/dev/null';

/** What a line does with the packets of a file. */
const lines = {
  'line, drops': lineOf({ out: discard() }, [{ name: 'drop', filter: (packet) => packet.drop() }]),
  'line, forwards': lineOf({ out: discard() }),
  'line, writes': lineOf({ out: capture(NOWHERE, { format: 'pcap' }) }),
  'line, records': lineOf({ out: discard() }, [noTelnet], { record: capture(NOWHERE) }),
};

export const captures = [60, 1500].map((bytes) => ({
  name: `capture-${bytes}`,
  title: `Capture files, packets of ${bytes.toLocaleString('en')} bytes`,
  kind: 'micro',
  least: 'full',
  metrics: [
    { name: 'cpu', unit: 'ns/packet', better: 'less' },
    { name: 'rate', unit: 'GiB/s of CPU', better: 'more' },
  ],
  reference: 'libpcap reads pcap',
  size: {
    quick: { rounds: 3, sampleMs: 80 },
    default: { rounds: 9, sampleMs: 300 },
    full: { rounds: 15, sampleMs: 1200 },
  },
  cases: [
    ...FORMATS.map((format) => libpcapCase(`libpcap reads ${format}`, bytes, format)),
    ...FORMATS.map((format) => fileCase(`read ${format}`, bytes, format, read)),
    ...FORMATS.map((format) => fileCase(`write ${format}`, bytes, format, writeNowhere)),
    ...Object.entries(lines).map(([name, line]) => fileCase(name, bytes, 'pcap', line)),
  ],
}));

function lineOf(ports, filters = [noTelnet], more = {}) {
  return async ({ path }) => {
    const line = await openPipeline({ ports: { in: file(path), ...ports }, filters, ...more });
    return (await line.run()).read;
  };
}

async function read({ path }) {
  const reader = await openCapture(path);
  let bytes = 0;
  while (reader.next()) bytes += reader.length;
  reader.close();
  if (bytes === 0) throw new Error('Nothing was read');
  return reader.packets;
}

function writeNowhere({ count, packet, format }) {
  return write(NOWHERE, { count, packet, format });
}

async function write(path, { count, packet, format }) {
  const writer = createCapture(path, { format, interfaces: [{ name: 'lan0', linkType: 1 }] });
  const memory = { bytes: packet, view: new DataView(packet.buffer) };
  const info = { seconds: 1_700_000_000, nanoseconds: 0 };
  for (let i = 0; i < count; i++) {
    info.nanoseconds = i % 1_000_000_000;
    while (!writer.writeFrom(memory, 0, packet.length, info, true)) {
      await new Promise((resolve) => writer.awaitRoom(resolve));
    }
  }
  await writer.close();
  return writer.written;
}

/** @param task what is done with the file; resolves with the packets that it did */
function fileCase(name, bytes, format, task) {
  return {
    name,
    async open(context) {
      const made = await sharedFile(context, bytes, format);
      return {
        async sample() {
          const start = process.cpuUsage();
          const packets = await task(made);
          const { user, system } = process.cpuUsage(start);
          if (packets !== made.count) throw new Error(`${name}: ${packets} of ${made.count} packets`);
          return figures((user + system) * 1000, made);
        },
        close: made.release,
      };
    },
  };
}

function libpcapCase(name, bytes, format) {
  return {
    name,
    async open(context) {
      const program = context.programs.compile('readCapture', { libraries: ['pcap'] });
      const made = await sharedFile(context, bytes, format);
      const child = startChild(findCores().onFirst([program, made.path]), context);
      return {
        async sample() {
          child.say('go');
          const [packets, cpuNs] = (await child.line()).split(' ').map(Number);
          if (packets !== made.count) throw new Error(`libpcap read ${packets} of ${made.count} packets`);
          return figures(cpuNs, made);
        },
        async close() {
          await child.end();
          made.release();
        },
      };
    },
  };
}

function figures(cpuNs, { count, fileBytes }) {
  return { cpu: cpuNs / count, rate: fileBytes / 2 ** 30 / (cpuNs / 1e9) };
}

const made = new Map();

/** One file for all cases that use it; the last one removes it. */
async function sharedFile({ folder, effort, seed }, bytes, format) {
  const path = join(folder, `${bytes}.${format}`);
  const entry = made.get(path) ?? { users: 0, file: makeFile(path, MEBIBYTES[effort], seed, bytes, format) };
  made.set(path, entry);
  entry.users++;
  const release = () => {
    if (--entry.users > 0) return;
    made.delete(path);
    rmSync(path, { force: true });
  };
  return { ...(await entry.file), release };
}

async function makeFile(path, mebibytes, seed, bytes, format) {
  const [packet] = traffic({ seed, sizes: bytes, count: 1 });
  const count = Math.ceil((mebibytes * 2 ** 20) / (packet.length + 32));
  await write(path, { count, packet, format });
  return { path, format, packet, count, fileBytes: statSync(path).size };
}
