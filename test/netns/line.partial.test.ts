import { expect, it } from 'vitest';
import { type Packet, defineFilter } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { type Namespace, makeNamespace } from './support/namespace.ts';
import { download, echo, patternHash, refusedByHost, serve, upload } from './support/traffic.ts';

const FILE_BYTES = 5 * 2 ** 20;
const ALIAS = '10.77.0.102';
const FAR = '10.78.0.2';

/** Left knows the far host as a neighbour of its own; ports change as well. */
const nat = defineFilter({
  name: 'nat',
  counters: ['superPackets'],
  filter(packet: Packet, { counters }) {
    if (packet.isSuper) counters.superPackets++;
    if (packet.destinationAddress === ALIAS) {
      packet.destinationAddress = FAR;
      packet.ttl -= 1;
      if (packet.destinationPort === 80) packet.destinationPort = 8080;
    } else if (packet.sourceAddress === FAR) {
      packet.sourceAddress = ALIAS;
      if (packet.sourcePort === 8080) packet.sourcePort = 80;
    }
  },
});

/**
 * A host behind the right one, over a link that has no checksum offload in either direction: the right host's kernel
 * completes there what the line left partial, and the far one verifies every packet.
 */
async function addFarHost(right: Namespace): Promise<Namespace> {
  const far = await makeNamespace();
  const ip = async (host: Namespace, ...args: string[]) => await host.exec('ip', args);
  await ip(right, 'link', 'add', 'near0', 'type', 'veth', 'peer', 'name', 'far0', 'netns', `${far.pid}`);
  for (const [host, device, address] of [
    [right, 'near0', '10.78.0.1/24'],
    [far, 'far0', `${FAR}/24`],
  ] as const) {
    const off = ['rx', 'off', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'];
    await host.exec('ethtool', ['-K', device, ...off]);
    await ip(host, 'address', 'add', address, 'dev', device);
    await ip(host, 'link', 'set', 'dev', device, 'up');
  }
  await ip(far, 'route', 'add', 'default', 'via', '10.78.0.1');
  await right.exec('sh', ['-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
  return far;
}

for (const kind of ['tap', 'tun'] as const) {
  describeLive(
    `partial checksums on a ${kind} line with offloads`,
    () => {
      it('are still right after edits: a host that verifies them behind the receiver refuses nothing', async () => {
        await using bridge = await openBridge({ kind, offloads: 'all', filters: [nat] });
        const { left, right, line } = bridge;
        await using far = await addFarHost(right);
        await left.exec('ip', ['neighbour', 'replace', ALIAS, 'lladdr', RIGHT.mac, 'dev', 'left', 'nud', 'permanent']);
        await serve(far, 8080);

        expect(await download(left, ALIAS, 80, FILE_BYTES)).toBe(patternHash(FILE_BYTES));
        expect(await upload(left, ALIAS, 80, FILE_BYTES)).toBe(patternHash(FILE_BYTES));
        expect(await echo(left, ALIAS, 80, 200)).toBe(200);

        for (const host of [left, right, far]) expect(await refusedByHost(host)).toBe(0);
        const summary = await atRest(line);
        expectBalance(summary);
        expect(summary.filters[0]?.counters['superPackets']).toBeGreaterThan(20);
      });

      it('are found out by that host when a filter writes past them', async () => {
        const sabotage = {
          name: 'sabotage',
          filter(packet: Packet) {
            if (!packet.isUdp || packet.destinationAddress !== FAR) return;
            const checksum = packet.l4Offset + 6;
            packet.bytes[checksum] = (packet.bytes[checksum] ?? 0) ^ 1;
          },
        };
        await using bridge = await openBridge({ kind, offloads: 'all', filters: [nat, sabotage] });
        const { left, right } = bridge;
        await using far = await addFarHost(right);
        await left.exec('ip', ['neighbour', 'replace', ALIAS, 'lladdr', RIGHT.mac, 'dev', 'left', 'nud', 'permanent']);
        await serve(far, 8080);
        expect(await echo(left, ALIAS, 80, 10, 500)).toBe(0);
        expect(await refusedByHost(far)).toBeGreaterThanOrEqual(10);
      });
    },
    { needs: ['curl', 'ethtool'] },
  );
}
