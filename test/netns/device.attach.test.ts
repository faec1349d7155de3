import { createRequire } from 'node:module';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { adoptDevice } from '../../src/device/adopt.ts';
import type { Device } from '../../src/device/device.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import { probeFrames } from '../../src/device/probeFrames.ts';
import { F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK, O_RDWR } from '../../src/sys/fcntl.ts';
import { ifreq } from '../../src/sys/ifreq.ts';
import * as tun from '../../src/sys/ifTun.ts';
import { type Libc, loadLibc } from '../../src/sys/libc.ts';
import { hasLink, openDescriptors, openPacketSocket, sh, testFrame, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { until } from './support/process.ts';

const opened: { close(): void }[] = [];
const left: string[] = [];
let libc: Libc;
let restoreIpv6: () => void = () => undefined;

beforeAll(async () => {
  libc = await loadLibc();
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});
afterEach(() => {
  for (const item of opened.splice(0)) item.close();
  for (const name of left.splice(0)) if (hasLink(name)) sh('ip', 'link', 'del', name);
});

function keep<Item extends { close(): void }>(item: Item): Item {
  opened.push(item);
  return item;
}

/** A descriptor as another program would have it: blocking, inherited by children, attached with `flags`. */
function foreign(flags: number, name = 'dev-foreign'): number {
  const fd = libc.open(tun.TUN_NODE, O_RDWR, 0);
  expect(fd).toBeGreaterThan(0);
  const request = ifreq(name);
  request.union.setUint16(0, flags, true);
  expect(libc.ioctl(fd, tun.TUNSETIFF, request.bytes)).toBe(0);
  return fd;
}

/** `<linux/fcntl.h>` */
const F_DUPFD_CLOEXEC = 1030;
const TAP = tun.IFF_TAP | tun.IFF_NO_PI;
const buffer = new Uint8Array(70_000);

function word(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

function featuresOf(name: string): string {
  return sh('ethtool', '-k', name);
}

describeLive('attaching to what somebody left', () => {
  /** A persistent device with the worst of leftovers: header of 24 bytes, all offloads, and filters that let nothing by. */
  function leave(): void {
    const fd = foreign(TAP | tun.IFF_VNET_HDR);
    libc.ioctl(fd, tun.TUNSETVNETHDRSZ, word(24));
    expect(libc.ioctl(fd, tun.TUNSETOFFLOAD, 0x6f)).toBe(0);
    expect(libc.ioctl(fd, tun.TUNSETPERSIST, 1)).toBe(0);
    // One MAC address that nobody has.
    expect(libc.ioctl(fd, tun.TUNSETTXFILTER, Uint8Array.of(0, 0, 1, 0, 2, 0, 0, 0, 0, 0x99))).toBeGreaterThanOrEqual(
      0,
    );
    libc.close(fd);
    left.push('dev-foreign');
  }

  it('gives what was asked for, not what was left', async () => {
    leave();
    expect(featuresOf('dev-foreign')).toMatch(/tx-tcp-segmentation: on/);
    const device = keep(await openTap({ name: 'dev-foreign', exclusive: false }));
    expect(device).toMatchObject({ headerBytes: 0, offloads: [] });
    expect(featuresOf('dev-foreign')).toMatch(/tx-tcp-segmentation: off/);
    const peer = keep(await openPacketSocket(device.index));
    peer.send(testFrame(100));
    expect(await device.readPacket(buffer, { timeoutMs: 2000 })).toBe(100);
    device.close();
    const again = keep(
      await openTap({ name: 'dev-foreign', exclusive: false, virtioHeader: true, offloads: ['csum'] }),
    );
    expect(again).toMatchObject({ headerBytes: 12, offloads: ['csum'] });
    peer.send(testFrame(100));
    expect(await again.readPacket(buffer, { timeoutMs: 2000 })).toBe(112);
  });

  it('clears a program that the last user attached', async () => {
    left.push('dev-foreign');
    const first = await openTap({ name: 'dev-foreign', persist: true });
    first.attachFilter([{ code: 6, jt: 0, jf: 0, k: 0 }]);
    first.close();
    const device = keep(await openTap({ name: 'dev-foreign', exclusive: false }));
    const peer = keep(await openPacketSocket(device.index));
    peer.send(testFrame(100));
    expect(await device.readPacket(buffer, { timeoutMs: 2000 })).toBe(100);
  });

  it('is never handed a super-packet unawares', async () => {
    leave();
    sh('ip', 'link', 'add', 'dev-bridge', 'type', 'bridge');
    left.push('dev-bridge');
    const source = keep(await openTap({ name: 'dev-source', virtioHeader: true, offloads: 'all' }));
    for (const name of ['dev-source', 'dev-foreign']) sh('ip', 'link', 'set', name, 'up', 'master', 'dev-bridge');
    sh('ip', 'link', 'set', 'dev-bridge', 'up');
    const device = keep(await openTap({ name: 'dev-foreign', exclusive: false }));
    await until(() => !/state (disabled|learning|listening)/.test(sh('bridge', 'link')), 'the bridge forwards');
    const packet = probeFrames().find(({ offload }) => offload === 'tso4')?.bytes ?? new Uint8Array(0);
    // A bridge may look at the checksum of the IP header, 192.0.2.1 to 192.0.2.2, which the probe leaves out.
    new DataView(packet.buffer, packet.byteOffset).setUint16(12 + 14 + 10, ipChecksum(packet.subarray(26, 46)));
    source.writePacket(packet);
    const sizes: number[] = [];
    while (sizes.length < 2) {
      const bytes = await device.readPacket(buffer, { timeoutMs: 2000 });
      if (buffer[12] === 0x08 && buffer[23] === 6) sizes.push(bytes);
    }
    expect(sizes).toEqual([1054, 1054]);
  });
});

function ipChecksum(header: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ((header[at] ?? 0) << 8) | (header[at + 1] ?? 0);
  return ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
}

describeLive('adoptDevice', () => {
  it('reads back what the device is, and makes the descriptor ours', async () => {
    const fd = foreign(TAP | tun.IFF_VNET_HDR | tun.IFF_MULTI_QUEUE);
    expect(libc.ioctl(fd, tun.TUNSETOFFLOAD, 0x07)).toBe(0);
    const device = keep(await adoptDevice(fd));
    expect(device).toMatchObject({
      kind: 'tap',
      name: 'dev-foreign',
      fd,
      isAttached: true,
      // Ten bytes are what the kernel begins with.
      headerBytes: 10,
      offloads: ['csum', 'tso4', 'tso6'],
      mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) as string,
    });
    expect(libc.fcntl(fd, F_GETFL, 0) & O_NONBLOCK).toBe(O_NONBLOCK);
    expect(libc.fcntl(fd, F_GETFD, 0)).toBe(FD_CLOEXEC);
    device.setUp(true);
    const peer = keep(await openPacketSocket(device.index));
    peer.send(testFrame(100, 5));
    expect(await device.readPacket(buffer, { timeoutMs: 2000 })).toBe(110);
    expect(buffer.subarray(10, 110)).toEqual(testFrame(100, 5));
    expect(device.openQueue().headerBytes).toBe(10);
    device.close();
    expect(hasLink('dev-foreign')).toBe(false);
  });

  it('knows TUN, persistent and detached', async () => {
    const fd = foreign(tun.IFF_TUN | tun.IFF_NO_PI | tun.IFF_MULTI_QUEUE);
    libc.ioctl(fd, tun.TUNSETPERSIST, 1);
    left.push('dev-foreign');
    const request = ifreq('');
    request.union.setUint16(0, tun.IFF_DETACH_QUEUE, true);
    expect(libc.ioctl(fd, tun.TUNSETQUEUE, request.bytes)).toBe(0);
    const device = keep(await adoptDevice(fd));
    expect(device).toMatchObject({ kind: 'tun', mac: null, headerBytes: 0, isAttached: false });
    expect(device.isPersistent()).toBe(true);
    device.attach();
    expect(device.isAttached).toBe(true);
  });

  it('switches off offloads that would come without a header', async () => {
    const fd = foreign(TAP);
    libc.ioctl(fd, tun.TUNSETOFFLOAD, 0x6f);
    expect(featuresOf('dev-foreign')).toMatch(/tx-tcp-segmentation: on/);
    expect(keep(await adoptDevice(fd)).offloads).toEqual([]);
    expect(featuresOf('dev-foreign')).toMatch(/tx-tcp-segmentation: off/);
  });

  it('opens further queues of a device with a filter, whose flags look different', async () => {
    const device = keep(await adoptDevice(foreign(TAP | tun.IFF_MULTI_QUEUE)));
    device.attachFilter([{ code: 6, jt: 0, jf: 0, k: 4096 }]);
    expect(device.openQueue().isAttached).toBe(true);
    const copy = libc.fcntl(device.fd, F_DUPFD_CLOEXEC, 0);
    expect(keep(await adoptDevice(copy)).openQueue().isAttached).toBe(true);
  });

  it('finds the interface in another network namespace', async () => {
    await using other = await makeNamespace();
    const fd = foreign(TAP);
    sh('ip', 'link', 'set', 'dev-foreign', 'netns', String(other.pid));
    const device = keep(await adoptDevice(fd));
    device.setMtu(1234);
    expect((await other.exec('ip', ['link', 'show', 'dev-foreign'])).stdout).toContain('mtu 1234');
  });

  it('refuses everything else, and leaves the descriptor to the caller', async () => {
    const before = openDescriptors();
    const nothing = libc.open('/dev/null', O_RDWR, 0);
    const unattached = libc.open(tun.TUN_NODE, O_RDWR, 0);
    const withPi = foreign(tun.IFF_TAP);
    for (const [fd, expected] of [
      [
        nothing,
        { code: 'SYSCALL', errno: 25, message: expect.stringContaining('it is no TUN/TAP descriptor') as string },
      ],
      [unattached, { code: 'DEVICE_GONE', errno: 77, message: expect.stringContaining('never attached') as string }],
      [withPi, { code: 'NOT_SUPPORTED' }],
      [9999, { code: 'SYSCALL', errno: 9, message: expect.stringContaining('it is not open') as string }],
    ] as const) {
      await expect(adoptDevice(fd)).rejects.toMatchObject(expected);
    }
    expect([libc.fcntl(withPi, F_GETFD, 0), libc.fcntl(withPi, F_GETFL, 0) & O_NONBLOCK]).toEqual([0, 0]);
    for (const fd of [nothing, unattached, withPi]) expect(libc.close(fd)).toBe(0);
    const device: Device = keep(await openTun());
    await expect(adoptDevice(device.fd)).rejects.toThrow(
      `Cannot adopt descriptor ${device.fd}: a device of this thread owns`,
    );
    device.close();
    expect(openDescriptors()).toBe(before);
  });
});

describeLive('a descriptor from a parent process', () => {
  it('is a device in the child, and lives as long as that', async () => {
    const { spawn } = createRequire(import.meta.url)('node:child_process') as typeof import('node:child_process');
    const device = keep(await openTap({ name: 'dev-handed', virtioHeader: true, offloads: ['csum', 'tso4'] }));
    const script = `
      import { adoptDevice } from './dist/src/device/adopt.js';
      const device = await adoptDevice(3);
      console.log(JSON.stringify([device.name, device.kind, device.headerBytes, device.offloads, device.index]));
      const bytes = await device.readPacket(new Uint8Array(2000));
      console.log(bytes);
      device.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit', device.fd],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const { index } = device;
    // A packet socket of ours, while the device is only the child's.
    const peer = keep(await openPacketSocket(index));
    device.close();
    expect(hasLink('dev-handed')).toBe(true);
    await until(() => output.includes('\n'), 'the child has adopted it');
    peer.send(testFrame(100));
    expect(await ended).toBe(0);
    expect(output).toBe(`${JSON.stringify(['dev-handed', 'tap', 12, ['csum', 'tso4'], index])}\n112\n`);
    expect(hasLink('dev-handed')).toBe(false);
  });
});
