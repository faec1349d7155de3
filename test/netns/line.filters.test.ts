import { expect, it } from 'vitest';
import { type Packet, defineFilter, openPipeline, tap } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, devicePlan, makeHosts, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { link } from './support/ip.ts';
import { pause, until } from './support/process.ts';
import { iperf, ping } from './support/traffic.ts';

/** Drops pings whose payload is longer than the limit. */
const limit = defineFilter({
  name: 'limit',
  config: { bytes: { type: 'u16', default: 1000 } },
  counters: ['long'],
  reasons: ['tooLong'],
  filter(packet, { config, counters }) {
    if (!packet.isIcmp || packet.payloadLength <= config.bytes) return;
    counters.long++;
    return packet.drop('tooLong');
  },
});

describeLive(
  'filters of a running line',
  () => {
    it('come, change and go under traffic', async () => {
      await using bridge = await openBridge({ ipv6: false });
      const { left, line } = bridge;
      const background = left.spawn('ping', ['-n', '-i', '0.002', '-c', '100000', RIGHT.ipv4]);
      const longPing = (): Promise<number> => ping(left, RIGHT.ipv4, ['-s', '500', '-c', '3', '-W', '0.3']);

      expect(await longPing()).toBe(3);
      expect(line.filters.add(limit({ bytes: 100 }))).toBe('limit');
      expect(await longPing()).toBe(0);
      line.filters.configure('limit', { bytes: 1000 });
      expect(await longPing()).toBe(3);
      expect(() => {
        line.filters.configure('limit', { bytes: 'many' });
      }).toThrow(TypeError);
      expect(await longPing()).toBe(3);
      expect(line.filters.replace('limit', limit({ bytes: 200 }))).toBe('limit');
      expect(await longPing()).toBe(0);
      expect(() => line.filters.replace('limit', limit({ bytes: -1 }))).toThrow(RangeError);
      expect(await longPing()).toBe(0);
      line.filters.remove('limit');
      expect(line.filters.names).toEqual([]);
      expect(await longPing()).toBe(3);

      const { stdout } = await background.end('SIGINT');
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
      expect(Number(sent)).toBeGreaterThan(100);
      // The last one may be on its way when ping ends.
      expect(Number(received)).toBeGreaterThanOrEqual(Number(sent) - 1);
      const summary = await atRest(line);
      expectBalance(summary);
      // Three pings, three times; the line remembers them although the filters are gone.
      expect(summary.reasons).toEqual({ tooLong: 9 });
    });

    it('are swapped a hundred times without losing or reordering a packet', async () => {
      await using bridge = await openBridge({ ipv6: false });
      const { left, right, line } = bridge;
      let newest = 0;
      let newestSeen = 0;
      let wentBack = 0;
      const version = (number: number) => ({
        name: 'version',
        filter() {
          if (number < newestSeen) wentBack++;
          newestSeen = number;
        },
      });
      line.filters.add(version(0));
      const udp = ['--udp', '--bitrate', '10M', '--length', '200', '--time', '2'];
      const flow = iperf(left, right, RIGHT.ipv4, udp);
      await until(() => line.summary().read > 500, 'the flow has begun');
      while (newest < 100) {
        line.filters.replace('version', version(++newest));
        await pause(10);
      }
      const { sum, streams } = await flow;
      const summary = await atRest(line);
      expectBalance(summary);
      expect(newestSeen).toBe(100);
      expect(wentBack).toBe(0);
      expect(sum?.packets).toBeGreaterThan(5000);
      expect(summary.read).toBeGreaterThan(sum?.packets ?? Infinity);
      expect(summary.forwarded).toBe(summary.read);
      expect((await link(left, 'left')).stats64.tx.dropped).toBe(0);
      expect(streams?.[0]?.udp?.out_of_order).toBe(0);
    });

    it('that fail cost only the packets for which they fail', async () => {
      const messages: string[] = [];
      const faulty = {
        name: 'faulty',
        filter(packet: Packet) {
          if (packet.isIcmp && packet.payloadLength > 300) throw new Error('too long for me');
        },
      };
      await using bridge = await openBridge({
        filters: [faulty],
        ipv6: false,
        log: (message) => messages.push(message),
      });
      expect(await ping(bridge.left, RIGHT.ipv4)).toBe(5);
      expect(await ping(bridge.left, RIGHT.ipv4, ['-s', '500', '-W', '0.3'])).toBe(0);
      expect(await ping(bridge.left, RIGHT.ipv4)).toBe(5);
      const summary = await atRest(bridge.line);
      expectBalance(summary);
      expect(summary.filters[0]?.failed).toBe(5);
      expect(summary.reasons).toEqual({ filterError: 5 });
      expect(messages.join('\n')).toContain('too long for me');
    });
  },
  { needs: ['ping', 'iperf3'] },
);

describeLive(
  'a flood on one port',
  () => {
    it('does not starve the others', async () => {
      await using flooded = await makeHosts({ ipv6: false });
      await using quiet = await makeHosts({ ipv6: false });
      const plan = { ipv6: false };
      await using line = await openPipeline({
        ports: {
          flood: tap('left', devicePlan(plan, flooded.left, LEFT)),
          sink: tap('right', devicePlan(plan, flooded.right, RIGHT)),
          one: tap('left', devicePlan(plan, quiet.left, LEFT)),
          two: tap('right', devicePlan(plan, quiet.right, RIGHT)),
        },
        routes: { flood: 'sink', sink: 'flood', one: 'two', two: 'one' },
      });
      const ended = line.run();
      const flow = iperf(flooded.left, flooded.right, RIGHT.ipv4, [
        '--udp',
        '--bitrate',
        '0',
        '--length',
        '100',
        '--time',
        '3',
      ]);
      await until(() => line.summary().read > 1000, 'the flood has begun');
      const before = line.summary().ports['flood']?.read ?? 0;
      expect(await ping(quiet.left, RIGHT.ipv4, ['-c', '40', '-i', '0.02'])).toBe(40);
      const during = (line.summary().ports['flood']?.read ?? 0) - before;
      // It was a flood: for each ping there were many packets of it.
      expect(during).toBeGreaterThan(40 * 50);
      await flow;
      expectBalance(await atRest(line));
      await line.close();
      await ended;
    });
  },
  { needs: ['ping', 'iperf3'] },
);
