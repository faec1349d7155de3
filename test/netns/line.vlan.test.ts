import { expect, it } from 'vitest';
import { type Line, type Packet, openPipeline, tap } from '../../src/index.ts';
import { expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, devicePlan, makeHosts } from './support/bridge.ts';
import { capture } from './support/capture.ts';
import { describeLive } from './support/devices.ts';
import { type Namespace, makeNamespace } from './support/namespace.ts';
import { download, patternHash, ping, refusedByHost, serve } from './support/traffic.ts';

const VLAN_ID = 100;
const ETHER_TYPE_VLAN = 0x8100;
const TAG_BYTES = 4;
const MACS_BYTES = 12;
const MEBIBYTE = 2 ** 20;

function pushTag(packet: Packet): void {
  packet.push(TAG_BYTES);
  for (let i = 0; i < MACS_BYTES; i += 2) packet.setU16(i, packet.u16(i + TAG_BYTES));
  packet.setU16(MACS_BYTES, ETHER_TYPE_VLAN);
  packet.setU16(MACS_BYTES + 2, VLAN_ID);
}

function popTag(packet: Packet): void {
  for (let i = MACS_BYTES - 2; i >= 0; i -= 2) packet.setU16(i + TAG_BYTES, packet.u16(i));
  packet.pop(TAG_BYTES);
}

/** What comes from the trunk must have the tag and loses it; what goes there gets it. */
const tagger = {
  name: 'tagger',
  reasons: ['untagged'],
  filter(packet: Packet) {
    if (packet.inPort !== 'trunk') pushTag(packet);
    else if (packet.vlanId === VLAN_ID) popTag(packet);
    else packet.drop('untagged');
  },
} as const;

/** A line from a host to the trunk: a bridge of the kernel in a namespace between. */
async function openTagger(host: Namespace, side: 'left' | 'right', trunk: Namespace, offloads: 'all' | 'none') {
  const hostPort = tap(side, devicePlan({ offloads }, host, side === 'left' ? LEFT : RIGHT));
  const trunkPort = tap(`trunk-${side}`, { offloads, netns: trunk.pid, txQueueLength: 10_000 });
  const line = await openPipeline({ ports: { host: hostPort, trunk: trunkPort }, filters: [tagger] });
  await trunk.exec('ip', ['link', 'set', 'dev', `trunk-${side}`, 'master', 'br0']);
  return line;
}

async function makeTrunk(): Promise<Namespace> {
  const trunk = await makeNamespace({ ipv6: false });
  // Without snooping it says nothing of its own.
  await trunk.exec('ip', ['link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0']);
  await trunk.exec('ip', ['link', 'set', 'dev', 'br0', 'up']);
  return trunk;
}

for (const offloads of ['all', 'none'] as const) {
  describeLive(
    `two lines in a chain that push and pop a VLAN tag, offloads ${offloads}`,
    () => {
      it('carry pings and TCP, and every frame between them is tagged', async () => {
        await using hosts = await makeHosts();
        const { left, right } = hosts;
        await using trunk = await makeTrunk();
        await using first = await openTagger(left, 'left', trunk, offloads);
        await using second = await openTagger(right, 'right', trunk, offloads);
        const runs = [first, second].map((line: Line) => line.run());
        await using between = await capture(trunk, 'trunk-left');

        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        expect(await ping(left, RIGHT.ipv6, ['-s', '1452'])).toBe(5);
        await serve(right, 8080);
        expect(await download(left, RIGHT.ipv4, 8080, MEBIBYTE)).toBe(patternHash(MEBIBYTE));
        expect(await refusedByHost(left)).toBe(0);
        expect(await refusedByHost(right)).toBe(0);

        const frames = await between.stop();
        expect(frames.length).toBeGreaterThan(20);
        const tags = new Set(frames.map((frame) => Buffer.from(frame).readUInt32BE(MACS_BYTES)));
        expect([...tags]).toEqual([ETHER_TYPE_VLAN * 0x10000 + VLAN_ID]);

        await Promise.all([first.close(), second.close()]);
        for (const summary of await Promise.all(runs)) {
          expectBalance(summary);
          expect(summary.dropped + summary.lost).toBe(0);
        }
      });
    },
    { needs: ['ping', 'tcpdump', 'curl'] },
  );
}
