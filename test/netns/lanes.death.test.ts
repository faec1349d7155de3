import { readFileSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { descriptors } from './support/descriptors.ts';
import { describeLive } from './support/devices.ts';
import { laneFilter, openLanesBridge, restartsOf, sendTo } from './support/lanes.ts';
import { until } from './support/process.ts';
import { ping } from './support/traffic.ts';

/** Shared memories of the process: an arena has 16 MiB at the least. */
function arenas(): number {
  const maps = readFileSync('/proc/self/maps', 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-.*$/gm);
  return [...maps].filter(([, from = '', to = '']) => Number(`0x${to}`) - Number(`0x${from}`) > 16 * 2 ** 20).length;
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const ENGINES = ['uring', 'readloop'] as const;
/** How a filter fails, and what the log says of it. A heap that is full needs a process of its own. */
const WAYS = [
  ['exit', 'process.exit(3)'],
  ['throw', 'nobody catches this'],
  ['hang', 'no sign of life'],
  ['wait', 'no sign of life'],
] as const;

describeLive(
  'a worker that dies',
  () => {
    for (const engine of ENGINES) {
      it.each(WAYS)(`is replaced, its packets are counted: ${engine}, %s`, async (way, why) => {
        const filters = [await laneFilter('mortal', way)];
        await using bridge = await openLanesBridge({ queues: 2, engine, filters, ipv6: false, watchdogMs: 400 });
        const { left, line, messages } = bridge;
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        await sendTo(left, 666);
        await until(async () => restartsOf(await line.summary()) === 1, 'a new worker');
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        const summary = await atRest(line);
        expectBalance(summary);
        if (way !== 'throw') expect(summary.reasons['laneLost']).toBe(1);
        const told = messages.filter((text) => text.includes('its worker died'));
        expect(told).toHaveLength(1);
        expect(told[0]).toContain(why);
        expect(await bridge.stop()).toMatchObject({ read: summary.read });
      });
    }

    it('is missed from its first packet on', async () => {
      const filters = [await laneFilter('mortal', 'hang')];
      // It gives a sign of life each second: none comes before the packet.
      await using bridge = await openLanesBridge({ queues: 1, filters, ipv6: false, watchdogMs: 4000 });
      const { left, line } = bridge;
      await sendTo(left, 666);
      await until(async () => restartsOf(await line.summary()) === 1, 'a new worker');
      expectBalance(await bridge.stop());
    });

    it('leaves no descriptor, arena or thread behind, fifty times', { timeout: 120_000 }, async () => {
      const filters = [await laneFilter('mortal', 'exit')];
      const counts: number[] = [];
      const threads: number[] = [];
      for (let round = 0; round < 13; round++) {
        await using bridge = await openLanesBridge({ queues: 2, filters, ipv6: false });
        const { left, line } = bridge;
        for (let death = 1; death <= 4; death++) {
          await sendTo(left, 666);
          await until(async () => restartsOf(await line.summary()) === death, `worker ${death} was replaced`);
        }
        expectBalance(await bridge.stop());
        counts.push(descriptors().length);
        threads.push(readdirSync('/proc/self/task').length);
      }
      expect(new Set(counts.slice(2)).size, counts.join(' ')).toBe(1);
      expect(new Set(threads.slice(2)).size, threads.join(' ')).toBe(1);
      // One collection does not find them all.
      await until(() => {
        collect();
        return arenas() < 10;
      }, 'the memories are collected');
    });

    it('again and again ends the line', async () => {
      const filters = [await laneFilter('mortal', 'exit')];
      await using bridge = await openLanesBridge({ queues: 1, filters, ipv6: false });
      const { left, line } = bridge;
      for (let death = 1; death <= 4; death++) {
        await sendTo(left, 666);
        await until(async () => (await line.summary()).lanes[0]?.restarts === death, `worker ${death} was replaced`);
      }
      await sendTo(left, 666);
      await expect(bridge.ended).rejects.toMatchObject({ code: 'LANE_LOST' });
      const summary = await line.summary();
      expectBalance(summary);
      expect(summary.reasons['laneLost']).toBe(5);
    });
  },
  { needs: ['ping'] },
);
