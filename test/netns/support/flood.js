// A worker thread that sends frames to interfaces as fast as it can, until it is told to stop. Each carries its number.

import { parentPort, workerData } from 'node:worker_threads';
import { AF_PACKET, SOCK_CLOEXEC, SOCK_RAW } from '../../../dist/src/sys/fcntl.js';
import { loadLibc } from '../../../dist/src/sys/libc.js';

const { indices, state, bytes, pauseMs } = workerData;
const states = new Int32Array(state);
const libc = await loadLibc();
const sockets = indices.map((index) => {
  const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  const address = new Uint8Array(20);
  new DataView(address.buffer).setUint16(0, AF_PACKET, true);
  new DataView(address.buffer).setInt32(4, index, true);
  if (libc.bind(fd, address, address.length) < 0) throw new Error(`bind: ${libc.errno()}`);
  return fd;
});
const frame = new Uint8Array(bytes);
frame.set([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
parentPort.postMessage('flooding');
for (let n = 0; Atomics.load(states, 0) === 0; n++) {
  frame[18] = n;
  for (const fd of sockets) libc.send(fd, frame, frame.length, 0);
  if (pauseMs > 0) Atomics.wait(states, 0, 0, pauseMs);
}
for (const fd of sockets) libc.close(fd);
