// A worker thread that runs the suite of engines over sockets, on engines that the main thread lends it for each case. It
// says how each case ended.

import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { adoptEngine } from '../../../dist/src/pipeline/lentEngine.js';
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../../dist/src/sys/fcntl.js';
import { loadLibc } from '../../../dist/src/sys/libc.js';
import { engineSuite } from '../../../dist/src/testing/index.js';

// <asm-generic/socket.h>, <linux/socket.h>
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;

const libc = await loadLibc();
const socketpair = koffi.load(libc.library).func('int socketpair(int domain, int type, int protocol, void *fds)');
const buffer = new Uint8Array(70_000);

/** Asks the main thread, and waits for its answer. */
async function ask(question) {
  parentPort.postMessage(question);
  const [answer] = await once(parentPort, 'message');
  return answer;
}

function openPair() {
  const fds = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) throw new Error('socketpair');
  return { fd: fds[0], other: fds[1], isOpen: true };
}

function hangUp(pair) {
  if (pair.isOpen) libc.close(pair.other);
  pair.isOpen = false;
}

function collect({ other, isOpen }) {
  const frames = [];
  for (;;) {
    const bytes = isOpen ? libc.recv(other, buffer, buffer.length, 0) : -1;
    if (bytes <= 0) return frames;
    frames.push(buffer.slice(0, bytes));
  }
}

/** The layout of an arena as plain data. */
function placesOf(arena, ports) {
  const slots = Array.from({ length: arena.slotCount }, (_, slot) => slot);
  return {
    addresses: slots.map((slot) => arena.address(slot)),
    strides: slots.map((slot) => arena.stride(slot)),
    readOffsets: ports.map(({ number }) => arena.readOffset(number)),
    readBytes: ports.map(({ number }) => arena.readBytes(number)),
  };
}

async function open(arena, ports) {
  const pairs = ports.map(openPair);
  const fdPorts = ports.map((port, i) => ({ ...port, fd: pairs[i].fd }));
  const handle = await ask({ verb: 'lend', memory: arena.memory, places: placesOf(arena, ports), ports: fdPorts });
  return {
    engine: await adoptEngine(arena, fdPorts, handle, { busyPoll: workerData.busyPoll }),
    inject: (port, frame) => libc.send(pairs[port].other, frame, frame.length, 0) === frame.length,
    collect: (port) => collect(pairs[port]),
    lose: (port) => hangUp(pairs[port]),
    async close() {
      await ask({ verb: 'bury' });
      for (const pair of pairs) {
        hangUp(pair);
        libc.close(pair.fd);
      }
    },
  };
}

const cases = [];
engineSuite('lent', { describe: (_, define) => define(), it: (name, run) => cases.push({ name, run }) }, open);
for (const { name, run } of cases) {
  const failure = await run().then(
    () => undefined,
    (error) => error.stack,
  );
  await ask({ verb: 'result', name, failure });
}
