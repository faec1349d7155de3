import { expect, it } from 'vitest';
import { type Packet, openPipeline, openTap, tap, tun } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, devicePlan, makeHosts } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { download, echo, patternHash, ping, refusedByHost, serve } from './support/traffic.ts';

const FILE_BYTES = 5 * 2 ** 20;

describeLive(
  'ports that do not take the same offloads',
  () => {
    it('use what each of them takes: a bare device without a virtio header beside one with all', async () => {
      await using hosts = await makeHosts();
      const { left, right } = hosts;
      const bare = await openTap({ ...devicePlan({ offloads: 'none' }, left, LEFT), name: 'left' });
      await using line = await openPipeline({
        ports: { left: bare, right: tap('right', devicePlan({ offloads: 'all' }, right, RIGHT)) },
      });
      expect(line.ports.get('left')?.offloads).toEqual([]);
      expect(line.ports.get('right')?.offloads).toContain('tso4');
      const ended = line.run();
      await serve(left, 8080);
      await serve(right, 8080);
      expect(await ping(left, RIGHT.ipv4)).toBe(5);
      expect(await download(left, RIGHT.ipv4, 8080, FILE_BYTES)).toBe(patternHash(FILE_BYTES));
      expect(await download(right, LEFT.ipv6, 8080, FILE_BYTES)).toBe(patternHash(FILE_BYTES));
      expect(await echo(right, LEFT.ipv4, 8080, 100)).toBe(100);
      for (const host of [left, right]) expect(await refusedByHost(host)).toBe(0);
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.dropped + summary.lost).toBe(0);
      await line.close();
      await ended;
    });

    it('get complete checksums where they need them, and segments for super-packets that they do not take', async () => {
      await using hosts = await makeHosts();
      const { left, right } = hosts;
      await using third = await makeNamespace();
      // What left sends belongs to the route and has all offloads; the filter sends it to a port that takes none.
      const toThird = {
        name: 'to-third',
        filter(packet: Packet) {
          if (packet.inPort === 'left' && packet.destinationAddress === '10.77.0.3') packet.redirect('third');
          if (packet.inPort === 'third') packet.redirect('left');
        },
      };
      await using line = await openPipeline({
        ports: {
          left: tun('left', devicePlan({ kind: 'tun' }, left, LEFT)),
          right: tun('right', devicePlan({ kind: 'tun' }, right, RIGHT)),
          third: tun('third', { netns: third.pid, addresses: ['10.77.0.3/24'], offloads: 'none', virtioHeader: false }),
        },
        routes: { left: 'right', right: 'left' },
        filters: [toThird],
      });
      expect(line.ports.get('left')?.offloads).toContain('tso4');
      const ended = line.run();
      await serve(third, 8080);
      await serve(left, 8080);
      expect(await echo(left, '10.77.0.3', 8080, 100)).toBe(100);
      expect(await download(left, '10.77.0.3', 8080, 2 ** 20)).toBe(patternHash(2 ** 20));
      expect(await refusedByHost(third)).toBe(0);
      expect((await atRest(line)).dropped).toBe(0);

      // Bulk from left comes in super-packets, and leaves cut.
      expect(await download(third, '10.77.0.1', 8080, FILE_BYTES)).toBe(patternHash(FILE_BYTES));
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.made).toBeGreaterThan(1000);
      expect(summary.dropped).toBe(0);
      expect(summary.lost).toBe(0);
      expect(await refusedByHost(third)).toBe(0);
      await line.close();
      await ended;
    });
  },
  { needs: ['ping', 'curl'] },
);
