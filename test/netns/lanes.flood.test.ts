import { expect, it } from 'vitest';
import type { LanesSummary } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { link } from './support/ip.ts';
import { type LanesBridge, laneFilter, openLanesBridge, restartsOf, sendTo } from './support/lanes.ts';
import { until } from './support/process.ts';
import { iperf, ping } from './support/traffic.ts';

/** Deaths of one line: fewer than end it, whichever lanes they hit. */
const DEATHS = 4;
/** Looks, at least 5 ms apart, before another datagram is sent: a worker takes 200 ms to be found dead. */
const PATIENCE = 400;
const UDP = ['--udp', '--bitrate', '12M', '--length', '200', '--parallel', '4', '--time', '4'];

/** What the kernel has handed over and taken is what lanes have counted, those that died included. */
async function expectKernelAgrees({ line, left, right }: LanesBridge): Promise<LanesSummary> {
  for (let attempt = 0; ; attempt++) {
    const summary = await atRest(line);
    const [ours, kernel] = [{}, {}] as [Record<string, unknown>, Record<string, unknown>];
    for (const [name, host] of [
      ['left', left],
      ['right', right],
    ] as const) {
      const port = summary.ports[name];
      const { rx, tx } = (await link(host, name)).stats64;
      ours[name] = { read: port?.read, written: (port?.forwarded ?? 0) + (port?.mirrored ?? 0) };
      kernel[name] = { read: tx.packets, written: rx.packets };
    }
    if (JSON.stringify(ours) === JSON.stringify(kernel) || attempt === 5) {
      expect(ours).toEqual(kernel);
      return summary;
    }
  }
}

/** The datagram that kills may be lost in the flood, like any other. */
async function kill({ left, line }: LanesBridge, death: number): Promise<void> {
  let patience = 0;
  await until(async () => {
    if (patience-- === 0) {
      await sendTo(left, 666);
      patience = PATIENCE;
    }
    return restartsOf(await line.summary()) >= death;
  }, `worker ${death} was replaced`);
}

describeLive(
  'lanes under a flood',
  () => {
    for (const engine of ['uring', 'readloop'] as const) {
      for (const way of ['hang', 'exit', 'throw'] as const) {
        it(`die (${way}) and are replaced, and every packet is counted: ${engine}`, async () => {
          const filters = [await laneFilter('pass'), await laneFilter('mortal', way)];
          await using bridge = await openLanesBridge({ queues: 2, engine, filters, ipv6: false, watchdogMs: 200 });
          const { left, right, line } = bridge;
          const flow = iperf(left, right, RIGHT.ipv4, UDP);
          flow.catch(() => undefined);
          await until(async () => (await line.summary()).read > 2000, 'the flood has begun');
          for (let death = 1; death <= DEATHS; death++) {
            await kill(bridge, death);
          }
          const { sum } = await flow;
          const summary = await expectKernelAgrees(bridge);
          expectBalance(summary);
          expect(sum?.packets).toBeGreaterThan(10_000);
          // The log says of each death what it has cost.
          const told = bridge.messages.map((text) => Number(/died .*: (\d+) packets were lost/.exec(text)?.[1] ?? 0));
          expect(summary.reasons['laneLost'] ?? 0).toBe(told.reduce((total, count) => total + count, 0));
          expect(await ping(left, RIGHT.ipv4)).toBe(5);
        });
      }
    }
  },
  { needs: ['ping', 'iperf3'] },
);
