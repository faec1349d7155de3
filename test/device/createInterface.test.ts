import { describe, expect, it } from 'vitest';

import { checkOptions } from '../../src/device/checkOptions.ts';
import { createInterface } from '../../src/device/createInterface.ts';
import { TaplineError } from '../../src/errors.ts';
import { fakeKernel } from './support/fakeLibc.ts';

const everything = checkOptions('tap', {
  name: 'fake0',
  virtioHeader: true,
  offloads: 'all',
  verifyOffloads: true,
  interfaceFlags: 0x80,
  mtu: 1400,
  mac: '02:00:00:00:00:01',
  addresses: ['10.0.0.1/24', 'fd00::1/64'],
  txQueueLength: 5,
  netns: 'blue',
  multiQueue: true,
  napi: 'threaded',
  sendBufferBytes: 4096,
  carrier: false,
  owner: 7,
  group: 8,
  persist: true,
});
/** A device with virtio header; whatever is written is taken. */
const device = { flags: 0x5002, write: () => 0 };

describe('createInterface', () => {
  it('asks in the order that the kernel needs', () => {
    const { libc, calls, open } = fakeKernel(() => undefined, device);
    const created = createInterface(libc, everything);
    expect(calls).toEqual([
      'open /run/netns/blue',
      'open /proc/thread-self/ns/net',
      'setns',
      ...['open /dev/net/tun', 'ioctl 0x800454cf', 'ioctl 0x400454ca', 'ioctl 0x800454d2'],
      'socket 16',
      ...['ioctl 0x400454d8', 'ioctl 0x400454dc', 'ioctl 0x800454d7'],
      // The probe of offloads, on a device of its own.
      ...['open /dev/net/tun', 'ioctl 0x400454ca', 'ioctl 0x400454d8', 'ioctl 0x400454dc', 'ioctl 0x800454d7'],
      'ioctl 0x400454d0 111',
      // The driver: send buffer and carrier.
      ...['ioctl 0x400454d4', 'ioctl 0x400454e2'],
      // The interface: index, MAC, MTU, queue length, two addresses, NAPI, flags.
      ...['ioctl 0x8933', 'ioctl 0x8924', 'ioctl 0x8922', 'ioctl 0x8933', 'socket 16', 'send'],
      ...['socket 16', 'send', 'socket 16', 'send'],
      ...['syscall 430', 'syscall 431', 'syscall 432', 'open /proc/thread-self/fd/109/class/net/fake0/threaded'],
      ...['ioctl 0x8913', 'ioctl 0x8914', 'ioctl 0x8927'],
      // Owner, group and persistence, by value.
      ...['ioctl 0x400454cc 7', 'ioctl 0x400454ce 8', 'ioctl 0x400454cb 1'],
      'setns',
    ]);
    expect(created).toMatchObject({ name: 'fake0', index: 7, headerBytes: 12, offloads: 0x6f, refusedOffloads: 0 });
    expect([...open]).toEqual([created.fd, created.controlSocket]);
  });

  it('leaves no descriptor, nothing that lasts, and comes back to its namespace, whichever call fails', () => {
    const { calls: all } = fakeAll();
    const harmless = [];
    for (let failing = 1; failing <= all.length; failing++) {
      const { libc, open, calls } = fakeKernel((_call, count) => (count === failing ? -1 : undefined), device);
      const lasting = () => calls.filter((call) => call.startsWith('ioctl 0x400454cb')).at(-1);
      try {
        const created = createInterface(libc, everything);
        expect([...open]).toEqual([created.fd, created.controlSocket]);
        expect(lasting()).toBe('ioctl 0x400454cb 1');
        harmless.push(all[failing - 1]);
      } catch (error) {
        expect(error).toBeInstanceOf(TaplineError);
        expect([...open], calls.at(-1) ?? '').toEqual([]);
        const isLast = all[failing - 1] === 'ioctl 0x400454cb 1';
        expect(lasting(), calls.join()).toBe(
          failing === all.length ? 'ioctl 0x400454cb 0' : isLast ? all[failing - 1] : undefined,
        );
      }
      const entered = calls.filter((call) => call === 'setns').length;
      expect(entered === 0 || entered === 2 || failing === 3).toBe(true);
    }
    // TUNGETFEATURES and TUNSETVNETLE do not exist everywhere; a process that may not make a device cannot probe.
    expect(harmless).toEqual([
      'ioctl 0x800454cf',
      'ioctl 0x400454dc',
      ...['open /dev/net/tun', 'ioctl 0x400454ca', 'ioctl 0x400454d8', 'ioctl 0x400454dc', 'ioctl 0x800454d7'],
    ]);
  });

  it('does without the offloads that the kernel refuses to take', () => {
    // Writes in the order of the probe: what nobody takes, a checksum, then three frames for each kind.
    let writes = 0;
    const refused = new Set([0, 3, 14]);
    const write = () => (refused.has(writes++) ? 22 : 5);
    const { libc, calls } = fakeKernel(() => undefined, { flags: 0x5002, write });
    const created = createInterface(
      libc,
      checkOptions('tap', { virtioHeader: true, offloads: 'all', verifyOffloads: true }),
    );
    // A short TSO4 and a USO4 frame: so neither TSO4 nor USO.
    expect([created.offloads, created.refusedOffloads]).toEqual([0x0d, 0x62]);
    expect(calls).toContain('ioctl 0x400454d0 13');
    // Once in a process.
    const nodes = () => calls.filter((call) => call === 'open /dev/net/tun').length;
    expect(nodes()).toBe(2);
    createInterface(libc, checkOptions('tap', { virtioHeader: true, offloads: 'all', verifyOffloads: true }));
    expect(nodes()).toBe(3);
  });

  it('takes a persistent device that nobody holds over: header, mask and filters', () => {
    const { libc, calls } = fakeKernel(() => undefined, { flags: 0x5902 });
    const options = { name: 'fake0', exclusive: false, virtioHeader: true, multiQueue: true };
    expect(createInterface(libc, checkOptions('tap', options))).toMatchObject({ headerBytes: 12, offloads: 0 });
    expect(calls).toEqual(expect.arrayContaining(['ioctl 0x400454d8', 'ioctl 0x400454d0 0', 'ioctl 0x401054d6 0']));
    expect(calls).toEqual(expect.arrayContaining(['ioctl 0x400454d1', 'ioctl 0x800454e1']));
    expect(calls.filter((call) => call.startsWith('ioctl 0x400454cb'))).toEqual([]);
  });

  it('leaves a device as it is that others hold', () => {
    const { libc, calls } = fakeKernel(() => undefined, { flags: 0x5902, queues: 2 });
    const options = { name: 'fake0', exclusive: false, virtioHeader: true, multiQueue: true };
    expect(createInterface(libc, checkOptions('tap', options))).toMatchObject({ headerBytes: 12 });
    for (const change of ['0x400454d8', '0x400454d0', '0x401054d6', '0x400454d1', '0x800454e1']) {
      expect(calls.filter((call) => call.startsWith(`ioctl ${change}`))).toEqual([]);
    }
    createInterface(libc, checkOptions('tap', { ...options, offloads: ['csum'] }));
    expect(calls).toContain('ioctl 0x400454d0 1');
  });

  it('does not join a device whose frames have packet information', () => {
    const { libc, open } = fakeKernel(() => undefined, { hasPi: true, queues: 2 });
    const options = { name: 'fake0', exclusive: false, multiQueue: true };
    expect(() => createInterface(libc, checkOptions('tap', options))).toThrow(
      'Cannot open fake0: it exists, and each of its frames begins with packet information',
    );
    expect(open.size).toBe(0);
  });

  it('changes persistence only when it differs from what is wanted', () => {
    const persistence = (flags: number, persist?: boolean) => {
      const { libc, calls } = fakeKernel(() => undefined, { flags });
      createInterface(
        libc,
        checkOptions('tap', { name: 'fake0', exclusive: false, ...(persist === undefined ? {} : { persist }) }),
      );
      return calls.filter((call) => call.startsWith('ioctl 0x400454cb'));
    };
    expect(persistence(0x1002)).toEqual([]);
    expect(persistence(0x1802)).toEqual([]);
    expect(persistence(0x1802, true)).toEqual([]);
    expect(persistence(0x1802, false)).toEqual(['ioctl 0x400454cb 0']);
    expect(persistence(0x1002, false)).toEqual([]);
    expect(persistence(0x1002, true)).toEqual(['ioctl 0x400454cb 1']);
  });

  it('grants what an old kernel knows', () => {
    const { libc } = fakeKernel(
      (call) => (call === 'ioctl 0x400454d0 111' || call === 'ioctl 0x400454d0 103' ? -22 : undefined),
      device,
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
      'this kernel has no virtio headers and no multiple queues and no NAPI',
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
  const kernel = fakeKernel(() => undefined, device);
  createInterface(kernel.libc, everything);
  return kernel;
}
