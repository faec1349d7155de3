import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atRest, expectBalance } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { openLineChild } from './support/openLineChild.ts';
import { ping } from './support/traffic.ts';

describeLive(
  'a clock that jumps',
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'tapline-clock-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('does not disturb a line: a year back, and over the end of 32 bits', async () => {
      const file = join(folder, 'now');
      writeFileSync(file, '@2038-01-19 03:14:00');
      const settings = [`FAKETIME_TIMESTAMP_FILE=${file}`, 'FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1'];
      const wrapper = ['env', ...settings, 'faketime', '-f', '@2038-01-19 03:14:00'];
      // The file is what counts: the variable of the command itself would come first.
      const clock = ['sh', '-c', 'unset FAKETIME; exec "$@"', 'sh'];
      await using line = await openLineChild({ kind: 'tun', ipv6: false, wrapper: [...wrapper, ...clock] });
      const years: number[] = [];
      for (const now of [
        '@2038-01-19 03:14:00',
        '@2037-06-01 00:00:00',
        '@2038-01-19 03:14:06',
        '@1999-06-01 00:00:00',
      ]) {
        writeFileSync(file, now);
        years.push(await yearOf(line));
        expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      }
      // The clock did jump.
      expect(years).toEqual([2038, 2037, 2038, 1999]);
      const summary = await atRest(line);
      expectBalance(summary);
      expect([summary.read, summary.forwarded]).toEqual([40, 40]);
      expect((await line.stop()).held).toBe(0);
    });

    it('may have run for a long time already', async () => {
      const wrapper = ['unshare', '--time', '--monotonic', '100000000', '--boottime', '100000000'];
      await using line = await openLineChild({ kind: 'tun', ipv6: false, wrapper });
      expect(await ping(line.left, RIGHT.ipv4)).toBe(5);
      expectBalance(await atRest(line));
      expect((await line.stop()).forwarded).toBe(10);
    });
  },
  { needs: ['ping', 'faketime'] },
);

/** What year the process of the line believes that it is. */
async function yearOf(line: Awaited<ReturnType<typeof openLineChild>>): Promise<number> {
  const before = line.child.stdout.length;
  line.child.process.stdin?.write('year\n');
  await line.child.waitFor(/^year \d+\n/m);
  for (;;) {
    const match = /^year (\d+)\n/m.exec(line.child.stdout.slice(before));
    if (match !== null) return Number(match[1]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
