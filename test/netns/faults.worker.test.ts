import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { descriptors } from './support/descriptors.ts';
import { hasLink, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { run, until, within } from './support/process.ts';

const SCRIPT = fileURLToPath(new URL('support/lineWorker.js', import.meta.url));
const TIMES = 15;
/** A thread that does not end hangs for ever. */
const LIMIT_MS = 5000;
const NAMES = ['worker0', 'worker1', 'worker2'];

describeLive('a worker thread with devices', () => {
  // Nothing is sent: koffi 3.3.4 ends the process when a frame arrives in the very moment of a termination.
  let restore = (): void => undefined;
  beforeAll(() => {
    restore = withoutIpv6();
  });
  afterAll(() => {
    restore();
  });

  const leavesNothing = async (end: (worker: Worker) => Promise<unknown>): Promise<void> => {
    const counts: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      const worker = new Worker(SCRIPT);
      await once(worker, 'message');
      await within(LIMIT_MS, end(worker), () => `worker ${i} did not end`);
      await until(() => !NAMES.some(hasLink), 'the devices are gone');
      counts.push(descriptors().length);
    }
    // The first one may open what the process keeps.
    expect(new Set(counts.slice(1)).size, counts.join(' ')).toBe(1);
  };

  it('leaves no device and no descriptor when it is terminated', async () => {
    await leavesNothing((worker) => worker.terminate());
  });

  it('leaves none when it is told to close them', async () => {
    await leavesNothing((worker) => {
      worker.postMessage('close');
      return once(worker, 'exit');
    });
  });

  it('leaves Node nothing to say about descriptors', async () => {
    const program = `
      const { Worker } = require('node:worker_threads');
      const worker = new Worker(${JSON.stringify(SCRIPT)});
      worker.on('message', () => worker.postMessage('close')).on('exit', (code) => console.log('exit', code));`;
    const output = await run(process.execPath, ['-e', program]);
    expect(output).toMatchObject({ stdout: 'exit 0\n', stderr: '' });
  });
});
