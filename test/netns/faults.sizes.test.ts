import { expect, it } from 'vitest';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT, openBridge } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { pause, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

/** The kernel's limits, drivers/net/tun.c. */
const LARGEST = { tap: 65_521, tun: 65_535 } as const;
const HEADERS = 28;

for (const kind of ['tap', 'tun'] as const) {
  describeLive(
    `frames of any size on a ${kind} line`,
    () => {
      it.each(['none', 'all'] as const)('may be as large as the largest MTU, offloads %s', async (offloads) => {
        await using bridge = await openBridge({ kind, offloads, ipv6: false, mtu: LARGEST[kind] });
        for (const bytes of [0, 1, 1472, 1473, 8972, 32_768, LARGEST[kind] - HEADERS - 1, LARGEST[kind] - HEADERS]) {
          const args = ['-M', 'do', '-s', `${bytes}`, '-c', '2'];
          expect(await ping(bridge.left, RIGHT.ipv4, args), `${bytes} bytes`).toBe(2);
        }
        const summary = await atRest(bridge.line);
        expectBalance(summary);
        expect(summary.dropped + summary.lost).toBe(0);
      });

      it('are truncated when the MTU was raised under the line: counted, said once, and nothing else is lost', async () => {
        const log: string[] = [];
        const settings = { kind, offloads: 'none', ipv6: false, log: (text: string) => log.push(text) } as const;
        await using bridge = await openBridge(settings);
        const { left, right, line } = bridge;
        expect(await ping(left, RIGHT.ipv4)).toBe(5);
        for (const [host, name] of [
          [left, 'left'],
          [right, 'right'],
        ] as const) {
          await host.exec('ip', ['link', 'set', 'dev', name, 'mtu', '9000']);
        }
        await until(() => log.length === 2, 'the line has noticed');
        expect(log.join('\n')).toMatch(
          /port left: its MTU was raised to 9000, .* more than 1500 bytes .*: open the line/,
        );
        expect(await ping(left, RIGHT.ipv4, ['-s', '4000', '-W', '0.3'])).toBe(0);
        expect(await ping(left, RIGHT.ipv4, ['-s', '1472'])).toBeGreaterThan(0);
        await pause(1100);
        const summary = await atRest(line);
        expectBalance(summary);
        // The answers that ping did not wait for were forwarded too: nothing but those five is missing.
        expect(summary.reasons).toEqual({ truncated: 5 });
        expect(log).toHaveLength(2);
      });
    },
    { needs: ['ping'] },
  );
}
