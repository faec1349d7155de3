import { describe, expect, it } from 'vitest';

import { checkOptions } from '../../src/device/checkOptions.ts';
import { createInterface } from '../../src/device/createInterface.ts';
import { fakeKernel } from './support/fakeLibc.ts';

const everything = checkOptions('tap', {
  name: 'fake0',
  virtioHeader: true,
  offloads: 'all',
  interfaceFlags: 0x80,
  mtu: 1400,
  mac: '02:00:00:00:00:01',
  addresses: ['10.0.0.1/24', 'fd00::1/64'],
  txQueueLength: 5,
  netns: 'blue',
  multiQueue: true,
});

describe('createInterface', () => {
  it('asks in the order that the kernel needs', () => {
    const { libc, calls, open } = fakeKernel(() => undefined, true);
    const created = createInterface(libc, everything);
    expect(calls).toEqual([
      'open /run/netns/blue',
      'open /proc/thread-self/ns/net',
      'setns',
      'open /dev/net/tun',
      'ioctl 0x800454cf',
      'ioctl 0x400454ca',
      'ioctl 0x800454d2',
      'ioctl 0x400454d8',
      'ioctl 0x400454dc',
      'ioctl 0x800454d7',
      'ioctl 0x400454d0 111',
      'socket 2',
      'ioctl 0x8933',
      'ioctl 0x8924',
      'ioctl 0x8922',
      'ioctl 0x8943',
      'socket 16',
      'send',
      'socket 16',
      'send',
      'ioctl 0x8913',
      'ioctl 0x8914',
      'ioctl 0x8927',
      'setns',
    ]);
    expect(created).toMatchObject({ name: 'fake0', index: 7, headerBytes: 12, offloads: 0x6f });
    expect([...open]).toEqual([created.fd, created.controlSocket]);
  });

  it('leaves no descriptor and comes back to its namespace, whichever call fails', () => {
    const { calls: all } = fakeAll();
    let refusals = 0;
    for (let failing = 1; failing <= all.length; failing++) {
      const { libc, open, calls } = fakeKernel((_call, count) => (count === failing ? -1 : undefined), true);
      try {
        const created = createInterface(libc, everything);
        expect([...open]).toEqual([created.fd, created.controlSocket]);
      } catch (error) {
        refusals++;
        expect(error).toMatchObject({ errno: 1 });
        expect([...open], calls.at(-1) ?? '').toEqual([]);
      }
      const entered = calls.filter((call) => call === 'setns').length;
      expect(entered === 0 || entered === 2 || failing === 3).toBe(true);
    }
    // Two may fail without harm: TUNGETFEATURES and TUNSETVNETLE do not exist everywhere.
    expect(refusals).toBe(all.length - 2);
  });

  it('grants what an old kernel knows', () => {
    const { libc } = fakeKernel(
      (call) => (call === 'ioctl 0x400454d0 111' || call === 'ioctl 0x400454d0 103' ? -22 : undefined),
      true,
    );
    expect(createInterface(libc, everything).offloads).toBe(0x0f);
  });

  it('clears the offloads that the last user of a persistent device has left', () => {
    const { libc, calls } = fakeKernel();
    createInterface(libc, checkOptions('tun', {}));
    expect(calls).toContain('ioctl 0x400454d0 0');
  });

  it('refuses a device whose other queue decided otherwise about the header', () => {
    const { libc, open } = fakeKernel(() => undefined, true);
    expect(() => createInterface(libc, checkOptions('tap', { name: 'fake0', exclusive: false }))).toThrow(
      'Cannot open fake0: it exists with a virtio header: open it with virtioHeader: true',
    );
    expect(open.size).toBe(0);
  });

  it('does not ask a kernel for what it lacks', () => {
    const { libc, calls, open } = fakeKernel((call) => (call === 'ioctl 0x800454cf' ? 0 : undefined));
    expect(() => createInterface(libc, { ...everything, netns: undefined })).toThrow(
      'this kernel has no virtio headers and no multiple queues',
    );
    expect(calls).toEqual(['open /dev/net/tun', 'ioctl 0x800454cf']);
    expect(open.size).toBe(0);
  });
});

describe('error texts', () => {
  const plain = checkOptions('tap', { name: 'vpn0' });
  const failWith = (call: string, errno: number, options = plain) => {
    const { libc } = fakeKernel((name) => (name.startsWith(call) ? -errno : undefined));
    return () => createInterface(libc, options);
  };

  it.each([
    [2, 'NO_TUN_NODE', 'mkdir -p /dev/net && mknod /dev/net/tun c 10 200'],
    [2, 'NO_TUN_NODE', '--device /dev/net/tun --cap-add NET_ADMIN'],
    [
      13,
      'PERMISSION',
      'Cannot open /dev/net/tun: open failed with EACCES: the device node may not be opened by this user',
    ],
    [1, 'PERMISSION', '--device /dev/net/tun'],
    [19, 'NOT_SUPPORTED', 'open failed with ENODEV: this kernel has no TUN/TAP: modprobe tun'],
    [6, 'NOT_SUPPORTED', 'modprobe tun'],
    [24, 'SYSCALL', 'open failed with EMFILE: this process has too many open files (ulimit -n)'],
  ])('open failing with %i is %s', (errno, code, text) => {
    const attempt = failWith('open /dev/net/tun', errno);
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(expect.objectContaining({ code, errno, syscall: 'open', path: '/dev/net/tun' }));
  });

  it.each([
    [1, 'PERMISSION', 'Cannot open vpn0: ioctl(TUNSETIFF) failed with EPERM: run as root, grant CAP_NET_ADMIN'],
    [16, 'DEVICE_EXISTS', 'ioctl(TUNSETIFF) failed with EBUSY: it exists already: choose another name'],
    [7, 'SYSCALL', 'all its 256 queues'],
    [12, 'SYSCALL', 'failed with ENOMEM'],
    [250, 'SYSCALL', 'failed with errno 250'],
  ])('TUNSETIFF failing with %i is %s', (errno, code, text) => {
    const attempt = failWith('ioctl 0x400454ca', errno);
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(expect.objectContaining({ code, errno, syscall: 'ioctl(TUNSETIFF)' }));
  });

  it('TUNSETIFF without exclusive says who is in the way', () => {
    const shared = checkOptions('tap', { name: 'vpn0', exclusive: false });
    expect(failWith('ioctl 0x400454ca', 16, shared)).toThrow('another process holds it');
    expect(failWith('ioctl 0x400454ca', 22, shared)).toThrow('an interface of another kind');
  });

  it.each([
    ['open /run/netns', 2, 'Cannot open network namespace red: open failed with ENOENT: there is no such namespace'],
    ['setns', 1, 'setns failed with EPERM: entering a namespace needs CAP_SYS_ADMIN'],
    ['setns', 22, 'that file is not a network namespace'],
  ])('%s failing with %i is NETNS', (call, errno, text) => {
    const attempt = failWith(call, errno, checkOptions('tap', { netns: 'red' }));
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(expect.objectContaining({ code: 'NETNS', errno }));
  });
});

function fakeAll() {
  const kernel = fakeKernel(() => undefined, true);
  createInterface(kernel.libc, everything);
  return kernel;
}
