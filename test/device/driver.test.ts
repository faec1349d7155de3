import { describe, expect, it } from 'vitest';

import { checkOptions } from '../../src/device/checkOptions.ts';
import { createInterface } from '../../src/device/createInterface.ts';
import { fakeKernel } from './support/fakeLibc.ts';

describe('settings of the driver', () => {
  const failWith = (call: string, errno: number) => {
    const { libc } = fakeKernel((name) => (name.startsWith(call) ? -errno : undefined), { write: () => 0 });
    const options = { name: 'vpn0', owner: 7, group: 8, carrier: true, persist: true, napi: 'threaded' as const };
    return () => createInterface(libc, checkOptions('tap', options));
  };

  it.each([
    ['ioctl 0x400454e2', 22, 'NOT_SUPPORTED', 'ioctl(TUNSETCARRIER) failed with EINVAL: the carrier can be set from'],
    ['ioctl 0x400454e2', 1, 'QUEUE_DETACHED', 'all its queues are detached: attach() one'],
    ['ioctl 0x400454cc', 22, 'SYSCALL', 'ioctl(TUNSETOWNER) failed with EINVAL: user id 7 does not exist in this user'],
    [
      'ioctl 0x400454ce',
      22,
      'SYSCALL',
      'ioctl(TUNSETGROUP) failed with EINVAL: group id 8 does not exist in this user',
    ],
    [
      'open /proc/thread-self/fd',
      2,
      'NOT_SUPPORTED',
      '/sys/class/net/fake0/threaded) failed with ENOENT: it needs Linux 5.12',
    ],
    ['open /proc/thread-self/fd', 30, 'PERMISSION', '/sys is read-only here'],
    ['open /proc/thread-self/fd', 13, 'PERMISSION', 'only root may switch it on'],
    ['ioctl 0x8914', 1, 'PERMISSION', 'ioctl(SIOCSIFFLAGS) failed with EPERM: run as root'],
  ])('%s failing with %i is %s', (call, errno, code, text) => {
    const attempt = failWith(call, errno);
    expect(attempt).toThrow(text);
    expect(attempt).toThrow(expect.objectContaining({ code, errno }));
  });
});
