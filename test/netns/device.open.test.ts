import { afterEach, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import { listDevices, type TunInfo } from '../../src/device/listDevices.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import type { TapOptions } from '../../src/device/options.ts';
import { IFF_MULTICAST, IFF_NOARP, IFF_UP } from '../../src/sys/interfaceFlags.ts';
import { hasLink, ip, ipLink, openDescriptors, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';

const opened: Device[] = [];

async function tap(options: TapOptions = {}): Promise<Device> {
  const device = await openTap(options);
  opened.push(device);
  return device;
}

async function tun(options: TapOptions = {}): Promise<Device> {
  const device = await openTun(options);
  opened.push(device);
  return device;
}

afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

describeLive('openTap and openTun', () => {
  it('make an interface with the given name, and take it away at close', async () => {
    const device = await tap({ name: 'dev-open0' });
    expect(device).toMatchObject({ kind: 'tap', name: 'dev-open0', isOpen: true, headerBytes: 0, offloads: [] });
    expect(ipLink('dev-open0')['linkinfo']).toMatchObject({
      info_kind: 'tun',
      info_data: { type: 'tap', pi: false, vnet_hdr: false, multi_queue: false, persist: false },
    });
    device.close();
    expect(device.isOpen).toBe(false);
    expect(hasLink('dev-open0')).toBe(false);
  });

  it('let the kernel choose or number the name', async () => {
    expect((await tap()).name).toMatch(/^tap\d+$/);
    expect((await tun()).name).toMatch(/^tun\d+$/);
    expect((await tun({ name: 'vpn%d' })).name).toBe('vpn0');
    expect((await tun({ name: 'vpn%d' })).name).toBe('vpn1');
    expect(hasLink('vpn1')).toBe(true);
  });

  it('agree with the system about name, index and MAC', async () => {
    const device = await tap({ name: 'dev-same' });
    expect(ipLink('dev-same')).toMatchObject({ ifname: 'dev-same', ifindex: device.index, address: device.mac });
    const l3 = await tun({ name: 'dev-l3' });
    expect(l3.mac).toBeNull();
    expect(ipLink('dev-l3')).toMatchObject({ ifindex: l3.index, link_type: 'none' });
  });

  it('add interface flags to those that are there', async () => {
    const device = await tap({ interfaceFlags: IFF_NOARP });
    expect(device.flags() & (IFF_UP | IFF_MULTICAST | IFF_NOARP)).toBe(IFF_UP | IFF_MULTICAST | IFF_NOARP);
    expect(ipLink(device.name)['flags']).toEqual(expect.arrayContaining(['MULTICAST', 'NOARP', 'UP']));
    const l3 = await tun();
    expect(ipLink(l3.name)['flags']).toEqual(expect.arrayContaining(['POINTOPOINT', 'MULTICAST', 'NOARP', 'UP']));
    l3.setUp(false);
    expect(ipLink(l3.name)['flags']).toEqual(['POINTOPOINT', 'MULTICAST', 'NOARP']);
    l3.setUp(true);
    expect(l3.flags() & IFF_UP).toBe(IFF_UP);
  });

  it('leave the interface down when asked', async () => {
    expect(ipLink((await tap({ up: false })).name)['flags']).not.toContain('UP');
  });

  it('set MTU, queue length, MAC and addresses', async () => {
    const device = await tap({
      mtu: 9000,
      txQueueLength: 1234,
      mac: '02:00:00:00:0A:01',
      addresses: ['10.201.0.1/24', '10.202.0.1/32', 'fd00:201::1/64'],
    });
    expect(ipLink(device.name)).toMatchObject({ mtu: 9000, txqlen: 1234, address: '02:00:00:00:0a:01' });
    expect(device.mac).toBe('02:00:00:00:0a:01');
    const [{ addr_info: addresses } = { addr_info: [] }] = ip('addr', 'show', 'dev', device.name);
    expect(addresses).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ family: 'inet', local: '10.201.0.1', prefixlen: 24 }),
        expect.objectContaining({ family: 'inet', local: '10.202.0.1', prefixlen: 32 }),
        expect.objectContaining({ family: 'inet6', local: 'fd00:201::1', prefixlen: 64, scope: 'global' }),
      ]),
    );
    device.setMtu(1300);
    expect(device.mtu()).toBe(1300);
    expect(ipLink(device.name)['mtu']).toBe(1300);
    expect(() => {
      device.setMtu(67);
    }).toThrow(RangeError);
  });

  it('take the whole range of MTUs, as the kernel does', async () => {
    const device = await tap({ mtu: 68, up: false });
    device.setMtu(65_521);
    expect(device.mtu()).toBe(65_521);
    expect((await tun({ mtu: 65_535, up: false })).mtu()).toBe(65_535);
  });

  it('refuse a name that is taken, unless attaching was asked for', async () => {
    await tap({ name: 'dev-taken', multiQueue: true });
    await expect(openTap({ name: 'dev-taken', multiQueue: true })).rejects.toMatchObject({
      code: 'DEVICE_EXISTS',
      errno: 16,
      syscall: 'ioctl(TUNSETIFF)',
    });
    const second = await tap({ name: 'dev-taken', multiQueue: true, exclusive: false });
    expect(ipLink(second.name)['linkinfo']).toMatchObject({ info_data: { multi_queue: true, numqueues: 2 } });
    await expect(openTap({ name: 'dev-taken', exclusive: false })).rejects.toMatchObject({ code: 'DEVICE_EXISTS' });
    await expect(openTun({ name: 'lo' })).rejects.toMatchObject({ code: 'DEVICE_EXISTS' });
    await expect(
      openTap({ name: 'dev-taken', multiQueue: true, exclusive: false, virtioHeader: true }),
    ).rejects.toThrow('it exists without a virtio header');
  });

  it('leave neither device nor descriptor when a late step fails', async () => {
    const before = openDescriptors();
    const links = ip('link').length;
    await expect(openTap({ mac: '00:00:00:00:00:00' })).rejects.toMatchObject({
      code: 'SYSCALL',
      errno: 99,
      syscall: 'ioctl(SIOCSIFHWADDR)',
    });
    await expect(openTap({ addresses: ['10.203.0.1/24', '10.203.0.1/24'] })).rejects.toThrow(
      'rtnetlink(RTM_NEWADDR) failed with EEXIST: the interface has this address already',
    );
    await expect(openTun({ mtu: 1000, addresses: ['fd00::1/64'] })).rejects.toMatchObject({ code: 'SYSCALL' });
    expect(openDescriptors()).toBe(before);
    expect(ip('link').length).toBe(links);
  });

  it('keep the number of descriptors over 100 cycles', async () => {
    (await openTap()).close();
    const before = openDescriptors();
    for (let cycle = 0; cycle < 100; cycle++) {
      const device = await openTap({ virtioHeader: true, offloads: 'all' });
      device.tryRead(new Uint8Array(70_000));
      device.close();
    }
    expect(openDescriptors()).toBe(before);
  });
});

describeLive(
  'offloads',
  () => {
    it('are negotiated, visible to ethtool, and can be changed', async () => {
      const device = await tap({ virtioHeader: true, offloads: 'all' });
      expect(device.headerBytes).toBe(12);
      expect(device.offloads.slice(0, 4)).toEqual(['csum', 'tso4', 'tso6', 'tsoEcn']);
      const features = () => sh('ethtool', '-k', device.name);
      expect(features()).toMatch(/tx-checksum-ip-generic: on/);
      expect(features()).toMatch(/tx-tcp-segmentation: on/);
      expect(features()).toMatch(/tx-tcp6-segmentation: on/);
      if (device.offloads.includes('uso4')) expect(features()).toMatch(/tx-udp-segmentation: on/);
      expect(device.setOffloads(['csum'])).toEqual(['csum']);
      expect(device.offloads).toEqual(['csum']);
      expect(features()).toMatch(/tx-tcp-segmentation: off/);
      expect(device.setOffloads([])).toEqual([]);
      expect(features()).toMatch(/tx-checksum-ip-generic: off/);
      expect(() => device.setOffloads(['tso4'])).toThrow(TypeError);
    });
  },
  { needs: ['ethtool'] },
);

describeLive('listDevices', () => {
  it('says what ip says', async () => {
    await tap({ name: 'dev-list0', virtioHeader: true, multiQueue: true, addresses: ['10.204.0.1/24'] });
    await tun({ name: 'dev-list1', up: false, mtu: 1280 });
    sh('ip', 'tuntap', 'add', 'dev', 'dev-list2', 'mode', 'tun', 'user', '0');
    try {
      const listed = (await listDevices()).filter(({ ifname }) => ifname.startsWith('dev-list'));
      expect(listed.map(({ ifname }) => ifname)).toEqual(['dev-list0', 'dev-list1', 'dev-list2']);
      expect(listed[2]?.linkinfo.info_data).toMatchObject({ persist: true, user: 0 });
      for (const device of listed) {
        // The rest is in the counters' own test: some of them move between the two questions.
        const { stats64, linkinfo, ...rest } = device;
        const theirs = ip('-d', '-s', 'link', 'show', 'dev', device.ifname)[0] ?? {};
        expect(theirs).toMatchObject(rest);
        expect(theirs).toMatchObject({ linkinfo: { ...linkinfo, info_data: withAnyUser(linkinfo.info_data) } });
        expect(Object.keys(theirs)).toEqual(expect.arrayContaining(Object.keys(device)));
        expect(stats64.rx.errors).toBe(0);
      }
    } finally {
      sh('ip', 'link', 'del', 'dev-list2');
    }
  });

  it('counts what was written and what was read', async () => {
    const device = await tap({ name: 'dev-count' });
    for (let count = 0; count < 5; count++) device.writePacket(new Uint8Array(60).fill(2));
    const theirs = ip('-s', 'link', 'show', 'dev', 'dev-count')[0]?.['stats64'];
    const ours = (await listDevices()).find(({ ifname }) => ifname === 'dev-count')?.stats64;
    expect(ours?.rx).toMatchObject({ packets: 5 });
    expect(theirs).toMatchObject(ours ?? {});
  });
});

/** ip prints the owner's name where there is one. */
function withAnyUser(info: TunInfo): TunInfo {
  return info.user === undefined ? info : { ...info, user: expect.anything() as number };
}
