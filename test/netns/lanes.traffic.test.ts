import { expect, it } from 'vitest';
import type { OffloadChoice } from '../../src/device/offloads.ts';
import { atRest, expectBalance, expectKernelAgrees } from './support/accounts.ts';
import { LEFT, RIGHT } from './support/bridge.ts';
import { describeLive } from './support/devices.ts';
import { laneFilter, openLanesBridge } from './support/lanes.ts';
import { download, iperf, patternHash, ping, serve } from './support/traffic.ts';

const FILE_BYTES = 20 * 2 ** 20;
const fileHash = patternHash(FILE_BYTES);

const variants: readonly {
  readonly queues: number;
  readonly engine: 'uring' | 'readloop';
  readonly kind: 'tap' | 'tun';
  readonly offloads: OffloadChoice;
}[] = [
  { queues: 2, engine: 'uring', kind: 'tap', offloads: 'all' },
  { queues: 4, engine: 'uring', kind: 'tun', offloads: 'all' },
  { queues: 2, engine: 'readloop', kind: 'tap', offloads: 'none' },
  { queues: 1, engine: 'uring', kind: 'tap', offloads: ['csum', 'tso4'] },
];

describeLive(
  'traffic through lanes',
  () => {
    it.each(variants)('of eight connections and a file: $queues lanes, $engine, $kind, $offloads', async (variant) => {
      await using bridge = await openLanesBridge({ ...variant, filters: [await laneFilter('pass')] });
      const { left, right, line } = bridge;
      expect(line).toMatchObject({ queues: variant.queues, engine: variant.engine, engineReason: undefined });
      expect(await ping(left, RIGHT.ipv4)).toBe(5);
      expect(await ping(right, LEFT.ipv6)).toBe(5);
      const { sum_received: received } = await iperf(left, right, RIGHT.ipv4, ['--parallel', '8', '--time', '2']);
      expect(received?.bytes).toBeGreaterThan(2 ** 20);
      await serve(left, 8080);
      expect(await download(right, LEFT.ipv4, 8080, FILE_BYTES)).toBe(fileHash);
      const summary = await atRest(line);
      expectBalance(summary);
      expect(summary.dropped).toBe(0);
      await expectKernelAgrees(line, { left, right });
      // Eight connections and more: no lane was left out of two.
      if (variant.queues === 2) expect(summary.lanes.filter(({ read }) => read > 20)).toHaveLength(2);
      const ended = await bridge.stop();
      expectBalance(ended);
      expect(ended.held).toBe(0);
      expect(bridge.messages).toEqual([]);
    });
  },
  { needs: ['ping', 'iperf3', 'curl'] },
);
