import { readlinkSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { inNetns } from '../../src/sys/netns.ts';
import { hasLink, ip, openDescriptors, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace, type Namespace } from './support/namespace.ts';

const opened: Device[] = [];

function keep(device: Device): Device {
  opened.push(device);
  return device;
}

afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

describeLive('netns', () => {
  const home = () => readlinkSync('/proc/thread-self/ns/net');
  let own = '';
  let other: Namespace;
  let pid = 0;
  const there = (...command: string[]) => sh('nsenter', `--net=/proc/${pid}/ns/net`, ...command);
  const linksThere = () =>
    (JSON.parse(there('ip', '-j', 'link')) as { ifname: string; ifindex: number; mtu: number }[]).filter(
      ({ ifname }) => ifname !== 'lo',
    );

  beforeAll(async () => {
    own = home();
    other = await makeNamespace();
    pid = other.pid;
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
  });

  it('takes a process id: the device is there, the thread here', async () => {
    const device = keep(await openTap({ netns: pid, name: 'dev-ns', addresses: ['10.220.0.1/24'], mtu: 1400 }));
    expect(home()).toBe(own);
    expect(hasLink('dev-ns')).toBe(false);
    expect(linksThere()).toMatchObject([{ ifname: 'dev-ns', ifindex: device.index, mtu: 1400 }]);
    device.setMtu(1401);
    expect(linksThere()).toMatchObject([{ mtu: 1401 }]);
    expect(there('ip', 'addr', 'show', 'dev', 'dev-ns')).toContain('inet 10.220.0.1/24 ');
  });

  it('takes a path', async () => {
    keep(await openTun({ netns: `/proc/${pid}/ns/net`, name: 'dev-path' }));
    expect(linksThere()).toMatchObject([{ ifname: 'dev-path' }]);
  });

  it('takes a name', async () => {
    sh('ip', 'netns', 'add', 'tapline-test');
    try {
      keep(await openTun({ netns: 'tapline-test', name: 'dev-name' }));
      expect(ip('-n', 'tapline-test', 'link').map((link) => link['ifname'])).toContain('dev-name');
    } finally {
      sh('ip', 'netns', 'del', 'tapline-test');
    }
  });

  it('is NETNS when it does not exist or is no namespace, and leaves nothing', async () => {
    const before = openDescriptors();
    await expect(openTap({ netns: 'nowhere' })).rejects.toMatchObject({ code: 'NETNS', errno: 2, syscall: 'open' });
    await expect(openTap({ netns: '/dev/null' })).rejects.toMatchObject({ code: 'NETNS', errno: 22, syscall: 'setns' });
    await expect(openTap({ netns: 0x7ffffff })).rejects.toMatchObject({ code: 'NETNS' });
    expect(openDescriptors()).toBe(before);
    expect(home()).toBe(own);
  });

  it('comes back when opening fails there', async () => {
    const before = openDescriptors();
    await expect(openTap({ netns: pid, mac: '00:00:00:00:00:00' })).rejects.toMatchObject({ code: 'SYSCALL' });
    expect(home()).toBe(own);
    expect(linksThere()).toEqual([]);
    expect(openDescriptors()).toBe(before);
  });

  it('is followed when the interface is moved or renamed later', async () => {
    const device = keep(await openTap({ name: 'dev-moves', up: false }));
    sh('ip', 'link', 'set', 'dev-moves', 'netns', String(pid));
    there('ip', 'link', 'set', 'dev-moves', 'name', 'dev-moved');
    device.setMtu(1234);
    expect(linksThere()).toMatchObject([{ ifname: 'dev-moved', mtu: 1234 }]);
    expect(device.mtu()).toBe(1234);
  });

  it('is left by inNetns when the work throws', async () => {
    const libc = await loadLibc();
    expect(() =>
      inNetns(libc, pid, () => {
        expect(home()).not.toBe(own);
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(home()).toBe(own);
  });
});
