import { expect, it } from 'vitest';
import type { Packet, Summary } from '../../src/index.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { LEFT, RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { link } from './support/ip.ts';
import { type LineChild, openLineChild } from './support/openLineChild.ts';
import { until } from './support/process.ts';
import { download, hostCount, iperf, patternHash, refusedByHost, sendSegmented, serve } from './support/traffic.ts';
import { lineVariants } from './support/variants.ts';

const MEBIBYTE = 2 ** 20;
const FILE_BYTES = 50 * MEBIBYTE;
const fileHash = patternHash(FILE_BYTES);
/** An Ethernet frame of a device with MTU 1500. */
const LONGEST_FRAME_BYTES = 1514;

/** Mean bytes of the packets that came in by a port. */
function meanBytes(summary: Summary, port: 'left' | 'right'): number {
  const { read = 0, readBytes = 0 } = summary.ports[port] ?? {};
  return readBytes / read;
}

/** Nothing is missing, and where something was lost, the line says so. */
async function expectAccounts({ left, right, ...line }: LineChild): Promise<Summary> {
  const summary = await atRest(line);
  expectBalance(summary);
  expect(summary.dropped + summary.lost).toBe(0);
  await expectKernelAgrees(line, { left, right });
  return summary;
}

for (const { title, options } of lineVariants) {
  const isWhole = options.offloads === 'all';
  describeLive(
    `bulk traffic over ${title}`,
    () => {
      it('arrives as it was sent, 50 MiB over HTTP', async () => {
        await using line = await openLineChild(options);
        await serve(line.left, 8080);
        expect(await download(line.right, LEFT.ipv4, 8080, FILE_BYTES)).toBe(fileHash);
        const summary = await expectAccounts(line);
        if (isWhole) expect(meanBytes(summary, 'left')).toBeGreaterThan(5 * LONGEST_FRAME_BYTES);
        else expect(meanBytes(summary, 'left')).toBeLessThanOrEqual(LONGEST_FRAME_BYTES);
        // The hosts may still close their connection.
        const ended = await line.stop();
        expectBalance(ended);
        expect(ended.read).toBeGreaterThanOrEqual(summary.read);
      });

      it('flows both ways, TCP over both IP versions and UDP', async () => {
        await using line = await openLineChild(options);
        const { left, right } = line;
        const there = await iperf(left, right, RIGHT.ipv4, ['--time', '1']);
        const back = await iperf(left, right, RIGHT.ipv6, ['--time', '1', '--reverse']);
        expect(there.sum_received?.bytes).toBeGreaterThan(MEBIBYTE);
        expect(back.sum_received?.bytes).toBeGreaterThan(MEBIBYTE);
        const udp = await iperf(left, right, RIGHT.ipv4, [
          '--udp',
          '--bitrate',
          '20M',
          '--length',
          '1000',
          '--time',
          '1',
        ]);
        expect(udp.sum?.packets).toBeGreaterThan(2000);
        // What the line did not lose, only the receiver's socket can have lost.
        const summary = await expectAccounts(line);
        expect((await link(left, 'left')).stats64.tx.dropped).toBe(0);
        if (!isWhole) expect(meanBytes(summary, 'left')).toBeLessThanOrEqual(LONGEST_FRAME_BYTES);
      });
    },
    { needs: ['iperf3', 'curl'] },
  );
}

for (const kind of ['tap', 'tun'] as const) {
  describeLive(`UDP super-packets over a ${kind} line`, () => {
    it('pass unsplit, and arrive as the datagrams that were sent', async () => {
      const sizes: number[] = [];
      const supers = {
        name: 'supers',
        filter(packet: Packet) {
          if (packet.isUdp && packet.isSuper) sizes.push(packet.gsoSize);
        },
      };
      await using bridge = await openBridge({ kind, offloads: 'all', filters: [supers] });
      const { left, right, line } = bridge;
      await serve(right, 8080);
      await sendSegmented(left, RIGHT.ipv4, 8080, 40, 1200);
      await sendSegmented(left, RIGHT.ipv6, 8080, 40, 1000);
      await until(async () => (await hostCount(right, /^Udp6?:?InDatagrams$/)) >= 80, 'the datagrams arrive');
      expect(await refusedByHost(right)).toBe(0);
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.dropped + summary.lost).toBe(0);
      // The sender's kernel leaves the cutting to us where it can, and then no one cuts.
      expect(sizes).toEqual([1200, 1000]);
      expect(line.ports.get('left')?.offloads).toContain('uso4');
    });
  });
}
