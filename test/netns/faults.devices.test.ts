import { expect, it } from 'vitest';
import { type Device, openPipeline, tap, tun } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, makeHosts, openBridge } from './support/bridge.ts';
import { descriptors, deviceDescriptors } from './support/descriptors.ts';
import { describeLive } from './support/devices.ts';
import { link, links } from './support/ip.ts';
import { makeNamespace } from './support/namespace.ts';
import { openLineChild } from './support/openLineChild.ts';
import { pause, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

const DELETIONS = 20;
const FLAPS = 80;
const FLAP_MS = 50;
const CYCLES = 100;

for (const kind of ['tap', 'tun'] as const) {
  describeLive(
    `a ${kind} line whose device fails`,
    () => {
      it('ends with PORT_LOST when the device is deleted under load, and leaves nothing open', async () => {
        for (let i = 0; i < DELETIONS; i++) {
          await using bridge = await openBridge({ kind });
          const { left, right, line, ended } = bridge;
          expect(deviceDescriptors()).toHaveLength(2);
          const flood = left.spawn('ping', ['-n', '-f', '-c', '100000', RIGHT.ipv4]);
          await until(() => line.summary().read > 100 * (i + 1), 'the flood comes in');
          await left.exec('ip', ['link', 'delete', 'dev', 'left']);
          await expect(ended).rejects.toMatchObject({ code: 'PORT_LOST', path: 'left' });
          await flood.end('SIGKILL');
          expectBalance(line.summary());
          expect(line.summary().held).toBe(0);
          expect(deviceDescriptors()).toEqual([]);
          expect(await links(right)).toEqual([]);
        }
      });

      it('survives an interface that goes down and up under load', async () => {
        await using bridge = await openBridge({ kind, ipv6: false });
        const { left, right, line } = bridge;
        const flood = left.spawn('ping', ['-n', '-i', '0.002', '-c', '100000', RIGHT.ipv4]);
        for (let i = 0; i < FLAPS; i++) {
          await pause(FLAP_MS);
          await right.exec('ip', ['link', 'set', 'dev', 'right', i % 2 === 0 ? 'down' : 'up']);
        }
        await flood.end('SIGINT');
        const summary = await atRest(line);
        expectBalance(summary);
        // It was down for half of the time; what came for it meanwhile is counted as that, and nothing else is lost.
        expect(summary.reasons['linkDown']).toBeGreaterThan(0);
        expect(summary.lost).toBe(summary.reasons['linkDown']);
        expect(summary.dropped).toBe(0);
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        expect((await atRest(line)).lost).toBe(summary.lost);
      });

      it('goes on when its interface is renamed, loses its addresses and moves elsewhere, under load', async () => {
        await using elsewhere = await makeNamespace({ ipv6: false });
        await using bridge = await openBridge({ kind, ipv6: false });
        const { left, right, line } = bridge;
        const flood = left.spawn('ping', ['-n', '-i', '0.002', '-c', '100000', RIGHT.ipv4]);
        await until(() => line.summary().read > 100, 'the flood comes in');
        const address = `${RIGHT.ipv4}/24`;
        for (const command of [
          'link set dev right down',
          'link set dev right name other',
          'link set dev other up',
          'address flush dev other',
          `address add ${address} dev other`,
        ]) {
          await right.exec('ip', command.split(' '));
        }
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        await right.exec('ip', ['link', 'set', 'dev', 'other', 'netns', `${elsewhere.pid}`]);
        await elsewhere.exec('ip', ['address', 'add', address, 'dev', 'other']);
        await elsewhere.exec('ip', ['link', 'set', 'dev', 'other', 'up']);
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        await flood.end('SIGINT');

        const summary = await atRest(line);
        expectBalance(summary);
        // While it was down: nothing else is lost, and the port keeps its name.
        expect(summary.lost).toBe(summary.reasons['linkDown'] ?? 0);
        expect(summary.dropped).toBe(0);
        const port = line.ports.get('right')?.target as Device;
        expect(port.statistics().rx.packets).toBe(summary.ports['right']?.forwarded);
        expect(port.name).toBe('other');
        const { rx } = (await link(elsewhere, 'other')).stats64;
        expect(rx.packets).toBe(summary.ports['right']?.forwarded);
      });
    },
    { needs: ['ping'] },
  );
}

describeLive(
  'a line and its descriptors',
  () => {
    it('are gone after close(), a hundred times over', async () => {
      await using hosts = await makeHosts({ ipv6: false });
      const counts: number[] = [];
      for (let i = 0; i < CYCLES; i++) {
        const make = i % 2 === 0 ? tap : tun;
        const options = { offloads: i % 4 < 2 ? 'all' : 'none' } as const;
        await using line = await openPipeline({
          ports: {
            left: make('left', { ...options, netns: hosts.left.pid }),
            right: make('right', { ...options, netns: hosts.right.pid }),
          },
        });
        const ended = line.run();
        expect(deviceDescriptors()).toHaveLength(2);
        await line.close();
        await ended;
        expect(deviceDescriptors()).toEqual([]);
        counts.push(descriptors().length);
      }
      expect(await links(hosts.left)).toEqual([]);
      expect(new Set(counts.slice(1)).size, counts.join(' ')).toBe(1);
    });

    it('die with the process, SIGKILL and a child that lives on included', async () => {
      await using line = await openLineChild({ bystander: true });
      const [, text = ''] = await line.child.waitFor(/^bystander (\d+)$/m);
      const bystander = Number(text);
      expect(deviceDescriptors(line.child.pid)).toHaveLength(2);
      expect(deviceDescriptors(bystander)).toEqual([]);
      expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      await line.child.end('SIGKILL');
      expect(descriptors(bystander)).not.toEqual([]);
      // The kernel closes what a ring holds in its own time.
      const left = async (): Promise<number> => (await links(line.left)).length + (await links(line.right)).length;
      await until(async () => (await left()) === 0, 'the devices are gone');
      process.kill(bystander, 'SIGKILL');
    });
  },
  { needs: ['ping'] },
);
