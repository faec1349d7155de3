import { expect, it } from 'vitest';

import { probeTun } from '../../src/device/features.ts';
import { openTap } from '../../src/device/open.ts';
import { collectGarbage, hasLink, ip, openDescriptors, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { type Child, pause, start, until, within } from './support/process.ts';

describeLive('a device that nobody refers to', () => {
  it('is collected, and its interface goes', async () => {
    const before = openDescriptors();
    const leak = async () => {
      const device = await openTap({ name: 'dev-lost', up: false });
      await expect(device.readPacket(new Uint8Array(2000), { signal: AbortSignal.timeout(20) })).rejects.toThrow();
    };
    await leak();
    const isCollected = () => {
      collectGarbage();
      return !hasLink('dev-lost');
    };
    await until(isCollected, 'dev-lost is collected');
    expect(openDescriptors()).toBe(before);
  });

  it('stays while a read waits', async () => {
    const read = (await openTap({ name: 'dev-waits', up: false })).readPacket(new Uint8Array(2000));
    for (let round = 0; round < 5; round++) {
      collectGarbage();
      await pause(10);
    }
    expect(hasLink('dev-waits')).toBe(true);
    sh('ip', 'link', 'del', 'dev-waits');
    await expect(read).rejects.toMatchObject({ code: 'DEVICE_GONE' });
  });
});

describeLive('a process', () => {
  /** A module of its own with the built library, as users have it. */
  const node = (body: string): Child =>
    start(process.execPath, ['--input-type=module', '-e', `import { openTap } from 'tapline';\n${body}`]);

  it('ends while a device is open and no read waits', async () => {
    await using child = node(`
      const device = await openTap({ name: 'dev-idle', up: false });
      device.tryRead(new Uint8Array(2000));
      await device.readPacket(new Uint8Array(2000), { timeoutMs: 20 }).catch((error) => console.log(error.code));
      globalThis.device = device;`);
    expect(await within(10_000, child.ended, () => 'still there')).toMatchObject({ code: 0, stdout: 'TIMEOUT\n' });
    expect(hasLink('dev-idle')).toBe(false);
  });

  it('stays while a read waits', async () => {
    await using child = node(`
      const device = await openTap({ name: 'dev-stays', up: false });
      const read = device.readPacket(new Uint8Array(2000)).catch((error) => console.log(error.code));
      console.log('waits');
      await read;`);
    await child.waitFor(/waits/);
    await pause(200);
    expect(child.process.exitCode).toBeNull();
    sh('ip', 'link', 'del', 'dev-stays');
    expect(await child.ended).toMatchObject({ code: 0, stdout: 'waits\nDEVICE_GONE\n' });
  });

  it('passes no descriptor on to its children', async () => {
    await using child = node(`
      import { execFileSync } from 'node:child_process';
      const device = await openTap({ name: 'dev-child' });
      console.log(execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }));
      device.close();`);
    const { code, stdout } = await child.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('/proc');
    expect(stdout).not.toContain('/dev/net/tun');
  });
});

describeLive('probeTun', () => {
  it('finds everything here, and leaves nothing behind', async () => {
    const before = openDescriptors();
    const links = ip('link').length;
    const probe = await probeTun();
    expect(probe).toMatchObject({ nodeExists: true, canOpen: true, canCreate: true, headerBytes: 12, problem: null });
    expect(probe.features).toEqual(expect.arrayContaining(['tun', 'tap', 'noPi', 'vnetHdr', 'multiQueue']));
    expect(probe.offloads).toContain('csum');
    expect(probe.ioUring.isAllowed).toBe(probe.ioUring.error === null);
    expect(openDescriptors()).toBe(before);
    expect(ip('link').length).toBe(links);
  });
});
