import { expect, it } from 'vitest';

import type { DeviceInfo } from '../../src/device/listDevices.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { ip } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { run, start } from './support/process.ts';

describeLive('tapline devices', () => {
  it('says in JSON what `ip -d -j -s link` says, in the same words', async () => {
    await using line = start(process.execPath, [MAIN, 'run', '--tap', 'dev0', '--tap', 'dev1']);
    await line.waitFor(/^ready: /m);
    const { stdout } = await run(process.execPath, [MAIN, 'devices', '-j']);
    const devices = JSON.parse(stdout) as DeviceInfo[];
    for (const name of ['dev0', 'dev1']) {
      const device = devices.find(({ ifname }) => ifname === name);
      const { stats64, ...rest } = device ?? {};
      expect(ip('-d', '-s', 'link', 'show', 'dev', name)[0]).toMatchObject(rest);
      expect(Object.keys(stats64 ?? {})).toEqual(['rx', 'tx']);
    }
  });

  it('shows a table to people', async () => {
    await using line = start(process.execPath, [MAIN, 'run', '--tun', 'dev2', '-f', 'examples/responder.mjs']);
    await line.waitFor(/^ready: /m);
    const { stdout } = await run(process.execPath, [MAIN, 'devices']);
    expect(stdout).toMatch(/^device +type +state +mtu /);
    expect(stdout).toMatch(/^dev2 +tun +\w+ +1500 +- +yes +1 +no /m);
  });

  it('says when there are none, and prints nothing', async () => {
    const output = await run('unshare', ['-n', process.execPath, MAIN, 'devices']);
    expect(output).toMatchObject({ stdout: '', stderr: 'no TUN or TAP devices here\n' });
    expect((await run('unshare', ['-n', process.execPath, MAIN, 'devices', '--json'])).stdout).toBe('[]\n');
  });
});
