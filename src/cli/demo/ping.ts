import { spawn } from 'node:child_process';

import { plan, RIGHT_ADDRESS, type RoundTrips } from './traffic.ts';

/** Lets the system's ping program send its packets; null where there is none. */
export function ping(): Promise<RoundTrips | null> {
  const { pings, pingIntervalMs } = plan;
  const options = ['-n', '-c', String(pings), '-i', String(pingIntervalMs / 1000), '-W', '2', RIGHT_ADDRESS];
  return new Promise((resolve) => {
    const child = spawn('ping', options, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } });
    // Nothing of the demo outlives it.
    process.once('exit', () => child.kill());
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', () => {
      resolve(null);
    });
    child.on('close', () => {
      resolve(readPing(output));
    });
  });
}

/** Reads the statistics at the end, those of iputils and of busybox. Null when there are none. */
export function readPing(output: string): RoundTrips | null {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(output);
  if (counts === null) return null;
  const times = /= [\d.]+\/([\d.]+)\//.exec(output);
  return { sent: Number(counts[1]), received: Number(counts[2]), averageMs: Number(times?.[1] ?? Number.NaN) };
}
