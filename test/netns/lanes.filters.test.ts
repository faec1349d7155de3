import { expect, it } from 'vitest';
import { count, filterOf } from '../wasm/support/wat.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { type LanesBridge, builtLibrary, laneFilter, openLanesBridge, restartsOf, sendTo } from './support/lanes.ts';
import { until } from './support/process.ts';
import { ping } from './support/traffic.ts';

const STATE = { version: 1, bytes: 64, fields: [{ name: 'seen', type: 'u64', offset: 0 }] };
const SEEN = `(i64.store (i32.load offset=48 (local.get $call))
  (i64.add (i64.load (i32.load offset=48 (local.get $call))) (i64.const 1)))`;

/** What the lanes have seen together. */
function total(states: readonly (Readonly<Record<string, unknown>> | undefined)[]): bigint {
  return states.reduce((sum, state) => sum + ((state?.['seen'] as bigint | undefined) ?? 0n), 0n);
}

/** Pings of 500 bytes that come back. */
function longPing({ left }: LanesBridge): Promise<number> {
  return ping(left, RIGHT.ipv4, ['-s', '500', '-c', '3', '-W', '0.5']);
}

describeLive(
  'filters of lanes',
  () => {
    it('come, change and go in all of them', async () => {
      await using bridge = await openLanesBridge({ queues: 2, ipv6: false });
      const { filters } = bridge.line;
      expect(await longPing(bridge)).toBe(3);
      expect(await filters.add(await laneFilter('limit', { bytes: 100 }))).toBe('limit');
      expect(await longPing(bridge)).toBe(0);
      await filters.configure('limit', { bytes: 1000 });
      expect(await longPing(bridge)).toBe(3);
      await expect(filters.configure('limit', { bytes: 'many' })).rejects.toThrow(TypeError);
      await expect(filters.configure('limit', { bits: 1 })).rejects.toThrow(/no field 'bits'/);
      expect(await longPing(bridge)).toBe(3);
      expect(await filters.add(await laneFilter('pass'), { before: 'limit' })).toBe('pass');
      expect(await filters.replace('limit', await laneFilter('limit', { bytes: 200 }))).toBe('limit');
      expect(filters.names).toEqual(['pass', 'limit']);
      expect(await longPing(bridge)).toBe(0);
      await filters.remove('limit');
      await expect(filters.remove('limit')).rejects.toThrow(RangeError);
      expect(await longPing(bridge)).toBe(3);
      const summary = await atRest(bridge.line);
      expectBalance(summary);
      expect(summary.reasons).toEqual({ tooLong: 6 });
      expect(summary.filters.map(({ name }) => name)).toEqual(['pass']);
      await bridge.stop();
      await expect(filters.remove('pass')).rejects.toMatchObject({ code: 'LINE_CLOSED' });
    });

    it('stay as they are in all lanes when one refuses the change', async () => {
      const filters = [await laneFilter('pass'), await laneFilter('picky', { lane: 1 })];
      await using bridge = await openLanesBridge({ queues: 3, filters, ipv6: false });
      const { line } = bridge;
      const fussy = await laneFilter('fussy', { lane: 1 });
      await expect(line.filters.add(fussy)).rejects.toThrow('not in lane 1');
      await expect(line.filters.replace('pass', fussy)).rejects.toThrow('not in lane 1');
      await expect(line.filters.configure('picky', { level: 5 })).rejects.toThrow('lane 1 takes no other level');
      expect(await line.filters.state('picky')).toEqual([{ level: 1 }, { level: 1 }, { level: 1 }]);
      expect(line.filters.names).toEqual(['pass', 'picky']);
      await ping(bridge.left, RIGHT.ipv4);
      const { filters: counted } = await atRest(line);
      expect(counted.map(({ name }) => name)).toEqual(['pass', 'picky']);
      expect(counted[0]?.counters['seen']).toBe(counted[0]?.packets);
      // Every lane still answers to the same names.
      await line.filters.remove('pass');
      await line.filters.remove('picky');
    });

    it('that fail in one lane soon behind their exchange are taken back in all', async () => {
      const filters = [await laneFilter('pass')];
      await using bridge = await openLanesBridge({ queues: 3, filters, ipv6: false });
      const { line, left } = bridge;
      expect(await ping(left, RIGHT.ipv4)).toBe(5);
      expect(await line.filters.replace('pass', await laneFilter('faulty'))).toBe('faulty');
      await sendTo(left, 667);
      await until(() => line.filters.names[0] === 'pass', 'the old filter is back');
      // In its turn, so behind what the other lanes were asked for.
      await line.filters.configure('pass', {});
      const { filters: counted } = await line.summary();
      expect(counted.map(({ name, packets, failed }) => ({ name, packets: packets > 0, failed }))).toEqual([
        { name: 'pass', packets: true, failed: 0 },
      ]);
    });

    it('that cost a worker its life soon behind their exchange are taken back', async () => {
      const filters = [await laneFilter('pass')];
      await using bridge = await openLanesBridge({ queues: 2, filters, ipv6: false });
      const { line, left, messages } = bridge;
      await line.filters.replace('pass', await laneFilter('mortal', 'exit'));
      await sendTo(left, 666);
      await until(async () => restartsOf(await line.summary()) === 1, 'a new worker');
      expect(line.filters.names).toEqual(['pass']);
      await sendTo(left, 666);
      expect(restartsOf(await atRest(line))).toBe(1);
      expect(messages.join('\n')).toContain('taken back');
    });

    it('are in a new worker what they were, with name and configuration', async () => {
      const filters = [await laneFilter('limit'), await laneFilter('limit'), await laneFilter('mortal', 'exit')];
      await using bridge = await openLanesBridge({ queues: 1, filters, ipv6: false });
      const { line, left } = bridge;
      await line.filters.configure('limit#2', { bytes: 200 });
      await line.filters.remove('limit');
      await sendTo(left, 666);
      await until(async () => restartsOf(await line.summary()) === 1, 'a new worker');
      expect(await longPing(bridge)).toBe(0);
      expect((await line.summary()).filters.map(({ name }) => name)).toEqual(['limit#2', 'mortal']);
      await line.filters.configure('limit#2', { bytes: 1000 });
      expect(await longPing(bridge)).toBe(3);
    });

    it('are compiled ones, expressions and guarded ones too', async () => {
      const { pcapFilter, wasmFilter } = await builtLibrary();
      const compiled = await wasmFilter(filterOf(`${count(0)} ${SEEN}`, { counters: ['seen'], state: STATE }));
      const filters = [
        { when: 'ip', filter: compiled() },
        pcapFilter('not udp port 7', { name: 'no-echo' }),
        { when: 'icmp', filter: await laneFilter('pass') },
      ];
      await using bridge = await openLanesBridge({ queues: 2, filters, ipv6: false });
      expect(await ping(bridge.left, RIGHT.ipv4)).toBe(5);
      expect(total(await bridge.line.filters.state('wat'))).toBe(10n);
      expect(await bridge.line.filters.replace('wat', compiled())).toBe('wat');
      await sendTo(bridge.left, 7);
      const summary = await atRest(bridge.line);
      expect(summary.reasons).toEqual({ 'no-match': 1 });
      // State goes over to the filter that takes the place, in each lane.
      expect(total(await bridge.line.filters.state('wat'))).toBe(11n);
      expect(summary.filters.at(-1)?.counters).toEqual({ seen: 10 });
    });
  },
  { needs: ['ping'] },
);
