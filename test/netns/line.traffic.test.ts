import { expect, it } from 'vitest';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { LEFT, RIGHT, openBridge } from './support/bridge.ts';
import { capture } from './support/capture.ts';
import { describeLive } from './support/devices.ts';
import { ipJson } from './support/ip.ts';
import { lineVariants } from './support/variants.ts';
import { download, echo, patternHash, ping, serve } from './support/traffic.ts';

const MEBIBYTE = 2 ** 20;
/** In many fragments. One at a time: a host refuses a second such answer while the first waits to be taken. */
const LARGE = ['-s', '60000', '-c', '3', '-i', '0.2'];

for (const { title, options } of lineVariants) {
  describeLive(
    title,
    () => {
      it('carries pings of all sizes, both IP versions, fragments, and every packet is accounted for', async () => {
        await using bridge = await openBridge(options);
        const { left, right, line } = bridge;
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        expect(await ping(right, LEFT.ipv4, ['-M', 'do', '-s', '1472'])).toBe(5);
        expect(await ping(left, RIGHT.ipv4, LARGE)).toBe(3);
        expect(await ping(left, RIGHT.ipv6)).toBe(5);
        expect(await ping(right, LEFT.ipv6, ['-M', 'do', '-s', '1452'])).toBe(5);
        expect(await ping(right, LEFT.ipv6, LARGE)).toBe(3);

        const summary = await atRest(line);
        expectBalance(summary);
        // 20 small ones and 6 of 41 fragments or more, each there and back.
        expect(summary.forwarded).toBeGreaterThanOrEqual(2 * (20 + 6 * 41));
        expect(summary.dropped + summary.lost).toBe(0);
        await expectKernelAgrees(line, { left, right });
      });

      it('carries jumbo frames', async () => {
        await using bridge = await openBridge({ ...options, mtu: 9000 });
        expect(await ping(bridge.left, RIGHT.ipv4, ['-M', 'do', '-s', '8972'])).toBe(5);
        expect(await ping(bridge.left, RIGHT.ipv6, ['-M', 'do', '-s', '8952'])).toBe(5);
        expectBalance(await bridge.stop());
      });

      it('is one hop with the path MTU of its devices', async () => {
        await using bridge = await openBridge({ ...options, mtu: 1400 });
        const { stdout } = await bridge.left.exec('tracepath', ['-n', '-m', '4', RIGHT.ipv4]);
        expect(stdout).toMatch(/pmtu 1400/);
        expect(stdout).toMatch(/ 1: +10\.77\.0\.2 .* reached/);
      });
    },
    { needs: ['ping', 'tracepath'] },
  );

  describeLive(
    `captures on both sides of ${title}`,
    () => {
      it('show the same frames in the same order', async () => {
        await using bridge = await openBridge({ ...options, ipv6: false });
        const { left, right } = bridge;
        await serve(left, 8080);
        await using sent = await capture(left, 'left', { direction: 'out' });
        await using received = await capture(right, 'right', { direction: 'in' });
        expect(await download(right, LEFT.ipv4, 8080, MEBIBYTE)).toBe(patternHash(MEBIBYTE));
        expect(await echo(right, LEFT.ipv4, 8080, 100)).toBe(100);
        await atRest(bridge.line);
        const before = await sent.stop();
        const after = await received.stop();
        expect(before.length).toBeGreaterThan(100);
        expect(after.length).toBe(before.length);
        expect(after.findIndex((frame, i) => !Buffer.from(frame).equals(before[i] ?? Buffer.alloc(0)))).toBe(-1);
      });
    },
    { needs: ['tcpdump', 'curl'] },
  );
}

describeLive('neighbours on a TAP line', () => {
  it('find each other by ARP and by neighbour discovery', async () => {
    await using bridge = await openBridge({ kind: 'tap' });
    expect(await ping(bridge.left, RIGHT.ipv4, ['-c', '1'])).toBe(1);
    expect(await ping(bridge.left, RIGHT.ipv6, ['-c', '1'])).toBe(1);
    const neighbours = (await ipJson(bridge.left, ['neighbour', 'show', 'dev', 'left'])) as readonly object[];
    for (const dst of [RIGHT.ipv4, RIGHT.ipv6]) {
      expect(neighbours).toContainEqual(expect.objectContaining({ dst, lladdr: RIGHT.mac }));
    }
  });
});
