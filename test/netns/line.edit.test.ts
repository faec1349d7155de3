import { expect, it } from 'vitest';
import { defineFilter } from '../../src/index.ts';
import { atRest, expectBalance } from './support/accounts.ts';
import { LEFT, RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import type { Namespace } from './support/namespace.ts';
import { openLineChild } from './support/openLineChild.ts';
import { download, echo, patternHash, ping, refusedByHost, serve, upload } from './support/traffic.ts';
import { lineVariants } from './support/variants.ts';

const FILE_BYTES = 20 * 2 ** 20;
const fileHash = patternHash(FILE_BYTES);

/** On TAP, nobody answers for an address that only a filter knows. */
async function addNeighbour(host: Namespace, device: string, address: string, mac: string): Promise<void> {
  await host.exec('ip', ['neighbour', 'replace', address, 'lladdr', mac, 'dev', device, 'nud', 'permanent']);
}

/** What nobody's address is, made the right host's on the way there, and restored on the way back; hop limits too. */
const nat6 = defineFilter({
  name: 'nat6',
  filter(packet) {
    if (!packet.isIpv6) return;
    if (packet.destinationAddress === 'fd77::102') {
      packet.destinationAddress = RIGHT.ipv6;
      packet.ttl -= 1;
      if (packet.isUdp && packet.destinationPort === 80) packet.destinationPort = 8080;
    } else if (packet.sourceAddress === RIGHT.ipv6 && packet.destinationAddress === LEFT.ipv6) {
      packet.sourceAddress = 'fd77::102';
      packet.ttl -= 1;
      if (packet.isUdp && packet.sourcePort === 8080) packet.sourcePort = 80;
    }
  },
});

for (const { title, options } of lineVariants) {
  describeLive(
    `a filter that edits, on ${title}`,
    () => {
      it('keeps IPv4, TCP and UDP checksums right: NAT of addresses, ports and ttl, both ways', async () => {
        await using line = await openLineChild({ ...options, filters: ['nat'] });
        const { left, right } = line;
        await addNeighbour(left, 'left', '10.77.0.102', RIGHT.mac);
        await addNeighbour(right, 'right', '10.77.0.101', LEFT.mac);
        await serve(right, 8080);

        const { stdout } = await left.exec('ping', ['-n', '-c', '3', '-i', '0.01', '10.77.0.102']);
        expect(stdout).toMatch(/from 10\.77\.0\.102: .* ttl=63 /);
        expect(await download(left, '10.77.0.102', 80, FILE_BYTES)).toBe(fileHash);
        expect(await upload(left, '10.77.0.102', 80, FILE_BYTES)).toBe(fileHash);
        expect(await echo(left, '10.77.0.102', 8080, 200)).toBe(200);

        expect(await refusedByHost(left)).toBe(0);
        expect(await refusedByHost(right)).toBe(0);
        const summary = await atRest(line);
        expectBalance(summary);
        expect(summary.dropped + summary.lost).toBe(0);
        const [nat] = summary.filters;
        expect(nat?.failed).toBe(0);
        expect(nat?.counters['there']).toBeGreaterThan(100);
        expect(nat?.counters['back']).toBeGreaterThan(100);
      });

      it('keeps ICMPv6, TCP and UDP checksums right over IPv6', async () => {
        await using bridge = await openBridge({ ...options, filters: [nat6] });
        const { left, right, line } = bridge;
        await addNeighbour(left, 'left', 'fd77::102', RIGHT.mac);
        await serve(right, 8080);
        expect(await ping(left, 'fd77::102')).toBe(5);
        expect(await download(left, 'fd77::102', 8080, 2 ** 20)).toBe(patternHash(2 ** 20));
        expect(await echo(left, 'fd77::102', 80, 100)).toBe(100);
        expect(await refusedByHost(left)).toBe(0);
        expect(await refusedByHost(right)).toBe(0);
        const summary = await atRest(line);
        expectBalance(summary);
        expect(summary.filters[0]?.modified).toBeGreaterThan(210);
      });
    },
    { needs: ['ping', 'curl'] },
  );
}
