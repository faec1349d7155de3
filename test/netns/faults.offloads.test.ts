import { expect, it } from 'vitest';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { openLineChild } from './support/openLineChild.ts';
import { download, patternHash, refusedByHost, serve } from './support/traffic.ts';

const MEBIBYTE = 2 ** 20;
/**
 * Where the transfer is in full swing: super-packets one way, acknowledgements the other. Few: TCP waits twice as long
 * for each packet in a row that is lost.
 */
const REFUSED = '120..125';
const REFUSED_COUNT = 6;

describeLive(
  'a kernel that refuses super-packets which it had agreed to',
  () => {
    it.each([
      ['tap', {}, 1],
      ['tun', {}, 1],
      ['tap', { queues: 2 }, 2],
    ] as const)('costs a %s line those packets, and then the offload: %j', async (kind, lanes, threads) => {
      const inject = ['-e', `inject=write:error=EINVAL:when=${REFUSED}`];
      const strace = ['strace', '-f', '-qq', '-P', '/dev/net/tun', '-e', 'trace=write', ...inject];
      await using line = await openLineChild({ kind, engine: 'readloop', ipv6: false, wrapper: strace, ...lanes });
      await serve(line.right, 8080);
      expect(await download(line.left, RIGHT.ipv4, 8080, 16 * MEBIBYTE)).toBe(patternHash(16 * MEBIBYTE));

      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.reasons).toMatchObject({ rejected: REFUSED_COUNT });
      // The server is on the right, so super-packets go left; an acknowledgement is none, and costs nothing.
      expect(summary.ports['left']?.refusedOffloads).toEqual(['tso4']);
      expect(summary.ports['right']?.refusedOffloads).toEqual([]);
      const said = line.child.stderr.match(/port \w+: the kernel refused .*/g);
      // One lane has seen it, and the others hear of it.
      const text = expect.stringMatching(/^port left: .* going on without tso4$/) as unknown;
      expect(said).toEqual(Array.from({ length: threads }, () => text));

      // Super-packets go on coming from the right, and are cut here; the refused port's kernel hands none over any more.
      for (const [host, name, has] of [
        [line.left, 'left', 'off'],
        [line.right, 'right', 'on'],
      ] as const) {
        const { stdout } = await host.exec('ethtool', ['-k', name]);
        expect(stdout).toMatch(new RegExp(`tx-tcp-segmentation: ${has}`));
        expect(stdout).toMatch(/tx-tcp6-segmentation: on/);
        expect(stdout).toMatch(/tx-checksum-ip-generic: on/);
      }
      const before = summary.ports['left'];
      expect(await download(line.left, RIGHT.ipv4, 8080, MEBIBYTE)).toBe(patternHash(MEBIBYTE));
      const end = await atRest(line);
      const after = end.ports['left'];
      const packets = (after?.forwarded ?? 0) - (before?.forwarded ?? 0);
      const bytes = (after?.forwardedBytes ?? 0) - (before?.forwardedBytes ?? 0);
      expect(bytes / packets).toBeLessThan(1514);
      expect(end.made).toBeGreaterThan(MEBIBYTE / 1514 / 2);
      expect(await refusedByHost(line.left)).toBe(0);
    });
  },
  { needs: ['strace', 'ethtool', 'curl'] },
);
