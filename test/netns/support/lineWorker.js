// A worker thread with a line between two devices, and a third device that somebody reads from. It says `ready`, and goes
// on until it is told to close everything, or is terminated.

import { parentPort } from 'node:worker_threads';
import { openPipeline, openTap, tap } from 'tapline';

const single = await openTap({ name: 'worker2' });
single.readPacket(new Uint8Array(2048)).catch(() => undefined);
const line = await openPipeline({ ports: [tap('worker0', { addresses: ['10.78.0.1/24'] }), tap('worker1')] });
const running = line.run();
parentPort.once('message', async () => {
  await line.close();
  await running;
  single.close();
});
parentPort.postMessage('ready');
