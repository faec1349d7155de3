import { afterEach, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import { openTap } from '../../src/device/open.ts';
import { probeOffloads } from '../../src/device/probeOffloads.ts';
import { AF_PACKET, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../../src/sys/fcntl.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { ip, openDescriptors, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { until } from './support/process.ts';

const opened: Device[] = [];
afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

describeLive('probeOffloads', () => {
  it('finds what this kernel takes, shows no packet to anybody, and leaves nothing behind', async () => {
    const restore = withoutIpv6();
    const libc = await loadLibc();
    const ETH_P_ALL = 3;
    const capture = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, ETH_P_ALL << 8);
    try {
      const before = openDescriptors();
      const links = ip('link').length;
      const start = performance.now();
      const probe = await probeOffloads();
      const took = performance.now() - start;
      console.log(`probeOffloads took ${took.toFixed(2)} ms`);
      expect(probe.isConclusive).toBe(true);
      expect([...probe.accepted, ...probe.refused].sort()).toEqual(['csum', 'tso4', 'tso6', 'tsoEcn', 'uso4', 'uso6']);
      expect(probe.accepted).toContain('csum');
      await until(() => ip('link').length === links && openDescriptors() === before, 'the probe is gone');
      expect(libc.recv(capture, new Uint8Array(100), 100, 0)).toBe(-1);
    } finally {
      libc.close(capture);
      restore();
    }
  });

  it('decides what verifyOffloads grants, and is not repeated', async () => {
    const { accepted } = await probeOffloads();
    const links = ip('link').length;
    for (let round = 0; round < 3; round++) {
      const device = await openTap({ virtioHeader: true, offloads: 'all', verifyOffloads: true });
      opened.push(device);
      expect(device.offloads.every((name) => accepted.includes(name))).toBe(true);
      expect(device.setOffloads(['csum', 'tso4'])).toEqual(
        ['csum', 'tso4'].filter((name) => accepted.includes(name as never)),
      );
      // The device itself was not written to.
      expect(device.statistics().rx).toMatchObject({ packets: 0, dropped: 0 });
    }
    await until(() => ip('link').length === links + 3, 'the probe is gone');
  });
});
