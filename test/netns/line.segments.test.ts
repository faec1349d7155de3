import { expect, it } from 'vitest';
import type { Summary } from '../../src/index.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { LEFT, RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { type LineChild, openLineChild } from './support/openLineChild.ts';
import { download, patternHash, receiveDatagrams, refusedByHost, sendSegmented, serve } from './support/traffic.ts';

const MEBIBYTE = 2 ** 20;
const FILE_BYTES = 200 * MEBIBYTE;
const fileHash = patternHash(FILE_BYTES);
/** An Ethernet frame of a device with MTU 1500. */
const LONGEST_FRAME_BYTES = 1514;

/** Nothing is missing or refused; what came in from the right in super-packets left to the left in segments. */
async function expectCut({ left, right, ...line }: LineChild, meanBytes: number): Promise<Summary> {
  const summary = await atRest(line);
  expectBalance(summary);
  expect(summary.lost).toBe(0);
  const { ports } = summary;
  expect((ports['right']?.readBytes ?? 0) / (ports['right']?.read ?? 1)).toBeGreaterThan(meanBytes);
  const { forwarded = 1, forwardedBytes = 0 } = ports['left'] ?? {};
  expect(forwardedBytes / forwarded).toBeLessThanOrEqual(LONGEST_FRAME_BYTES);
  expect(await refusedByHost(left)).toBe(0);
  await expectKernelAgrees(line, { left, right });
  return summary;
}

for (const kind of ['tap', 'tun'] as const) {
  for (const leftOffloads of ['none', ['csum']] as const) {
    describeLive(
      `super-packets for a ${kind} device with offloads ${leftOffloads.toString()}`,
      () => {
        it.each([
          ['IPv4', RIGHT.ipv4],
          ['IPv6', RIGHT.ipv6],
        ])('arrive as they were sent, 200 MiB over TCP and %s', async (_, address) => {
          await using line = await openLineChild({ kind, leftOffloads });
          await serve(line.right, 8080);
          expect(await download(line.left, address, 8080, FILE_BYTES)).toBe(fileHash);
          const { made, dropped } = await expectCut(line, 5 * LONGEST_FRAME_BYTES);
          expect(made).toBeGreaterThan(FILE_BYTES / LONGEST_FRAME_BYTES / 2);
          expect(dropped).toBe(0);
        });

        it('arrive as they were sent, datagrams of UDP_SEGMENT over both IP versions', async () => {
          await using line = await openLineChild({ kind, leftOffloads });
          for (const [address, count, bytes] of [
            [LEFT.ipv4, 40, 1200],
            [LEFT.ipv6, 60, 1000],
            [LEFT.ipv4, 100, 7],
          ] as const) {
            const received = await receiveDatagrams(line.left, 9000, count);
            await sendSegmented(line.right, address, 9000, count, bytes);
            expect(await received()).toBe(patternHash(count * bytes));
          }
          const summary = await atRest(line);
          expectBalance(summary);
          expect(summary).toMatchObject({ dropped: 0, lost: 0, made: 39 + 59 + 99 });
          expect(await refusedByHost(line.left)).toBe(0);
        });
      },
      { needs: ['curl'] },
    );
  }

  describeLive(
    `a filter that wants segments, on a ${kind} line with all offloads`,
    () => {
      it('may lose some of them, and TCP brings them again', async () => {
        await using line = await openLineChild({ kind, filters: ['lossy'] });
        await serve(line.right, 8080);
        const bytes = FILE_BYTES / 10;
        expect(await download(line.left, RIGHT.ipv4, 8080, bytes)).toBe(patternHash(bytes));
        // Where packets are lost, TCP sends less at a time.
        const { reasons, filters } = await expectCut(line, LONGEST_FRAME_BYTES);
        expect(reasons['unlucky']).toBeGreaterThan(100);
        expect(filters[0]?.counters).toMatchObject({ supers: 0 });
        expect(reasons['unlucky']).toBe(Math.floor((filters[0]?.counters['data'] ?? 0) / 50));
      });
    },
    { needs: ['curl'] },
  );
}
