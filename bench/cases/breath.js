// In by a queue, through a line with one filter, out by a queue: both copies of the frame and the event loop included.

import { setImmediate as nextRound } from 'node:timers/promises';
import { openPipeline, queue } from 'tapline';
import { functionCase, microGroup, traffic } from 'tapline/bench';
import noTelnet from './filters/noTelnet.js';

export const breath = microGroup({
  name: 'breath',
  title: 'A whole breath, from queue to queue',
  cases: [functionCase('one TypeScript filter', ({ seed }) => lineOf(traffic({ seed })))],
});

async function lineOf(frames) {
  const [left, right] = [queue(), queue()];
  const line = await openPipeline({ ports: { left, right }, filters: [noTelnet] });
  const ended = line.run();
  return {
    packets: frames.length,
    async run() {
      for (const frame of frames) if (!left.trySend(frame)) throw new Error('There is no room');
      let received = 0;
      while (received < frames.length) {
        await nextRound();
        for (let batch = right.tryReceive(); batch !== null; batch = right.tryReceive()) received += batch.length;
      }
    },
    async close() {
      await line.close();
      await ended;
    },
  };
}
