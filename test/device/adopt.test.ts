import { describe, expect, it } from 'vitest';

import { adoptDevice, adoptInterface } from '../../src/device/adopt.ts';
import { fakeKernel } from './support/fakeLibc.ts';

const attached = { name: 'fake0', flags: 0x5002 };

describe('adoptInterface', () => {
  it('makes the descriptor non-blocking and close-on-exec, and reads back what the device is', () => {
    const { libc, calls, open } = fakeKernel(() => undefined, { flags: 0x1002 });
    const adopted = adoptInterface(libc, 33, { name: 'fake0', flags: 0x1002 });
    expect(adopted).toMatchObject({ fd: 33, name: 'fake0', index: 7, headerBytes: 0, offloads: 0, flags: 0x1002 });
    expect(calls.filter((call) => call.startsWith('fcntl'))).toEqual([
      'fcntl 3 0',
      'fcntl 4 2048',
      'fcntl 1 0',
      'fcntl 2 1',
    ]);
    // Without a header, 64 KiB super-packets would come with nothing to say so.
    expect(calls).toContain('ioctl 0x400454d0 0');
    expect([...open]).toEqual([adopted.controlSocket]);
  });

  it('leaves no descriptor, and the flags as they were, whichever call fails', () => {
    const device = { flags: 0x1002 };
    const all = fakeKernel(() => undefined, device);
    adoptInterface(all.libc, 33, { ...attached, flags: 0x1002 });
    for (let failing = 1; failing <= all.calls.length; failing++) {
      const { libc, calls, open } = fakeKernel((_call, count) => (count === failing ? -1 : undefined), device);
      try {
        const { controlSocket } = adoptInterface(libc, 33, { ...attached, flags: 0x1002 });
        expect([...open]).toEqual([controlSocket]);
        // The namespace may be a secret; then it is this one.
        expect(all.calls[failing - 1]).toBe('ioctl 0x54e3 0');
      } catch (error) {
        expect(error).toMatchObject({ errno: 1 });
        expect([...open]).toEqual([]);
        const flags = calls.filter((call) => call.startsWith('fcntl 4') || call.startsWith('fcntl 2'));
        const isBack = flags.length === 0 || flags.at(-1) === 'fcntl 4 0' || failing <= 2;
        expect(isBack, calls.join()).toBe(true);
      }
    }
  });

  it('refuses frames with packet information', () => {
    const { libc, open } = fakeKernel(() => undefined, { hasPi: true });
    expect(() => adoptInterface(libc, 33, attached)).toThrow(
      'Cannot adopt fake0: each frame begins with packet information: open it with IFF_NO_PI',
    );
    expect([...open]).toEqual([]);
  });
});

describe('adoptDevice', () => {
  it('takes descriptors only', async () => {
    for (const fd of [-1, 1.5, NaN, '3', undefined, 2 ** 31]) {
      await expect(adoptDevice(fd as number)).rejects.toThrow(`Expected a file descriptor, got ${String(fd)}`);
    }
  });
});
