import { expect, it } from 'vitest';
import type { Offload } from '../../src/index.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { openLineChild } from './support/openLineChild.ts';
import { download, patternHash, refusedByHost, serve } from './support/traffic.ts';

const BYTES = 200 * 2 ** 20;
const hash = patternHash(BYTES);

const sets: readonly (readonly [name: string, offloads: 'none' | 'all' | readonly Offload[]])[] = [
  ['none', 'none'],
  ['csum', ['csum']],
  ['csum, tso', ['csum', 'tso4', 'tso6', 'tsoEcn']],
  ['all, uso included', 'all'],
];

describeLive(
  'the same 200 MiB, whatever the offloads',
  () => {
    it.each(sets)('arrive as they were sent over IPv4 and IPv6: %s', { timeout: 120_000 }, async (_, offloads) => {
      await using line = await openLineChild({ kind: 'tap', offloads: offloads as 'all' });
      const { left, right } = line;
      await serve(right, 8080);
      // One after the other, since both share two processors with their servers.
      expect(await download(left, RIGHT.ipv4, 8080, BYTES)).toBe(hash);
      expect(await download(left, RIGHT.ipv6, 8080, BYTES)).toBe(hash);
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.reasons).toEqual({});
      expect(await refusedByHost(left)).toBe(0);
      expect(await refusedByHost(right)).toBe(0);
      await expectKernelAgrees(line, { left, right });
    });
  },
  { needs: ['curl'] },
);
