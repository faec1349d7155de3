import { describe, expect, it } from 'vitest';

import { Control } from '../../src/device/control.ts';
import type { Identity } from '../../src/device/identity.ts';
import { LinkMonitor } from '../../src/device/linkMonitor.ts';
import { openQueue } from '../../src/device/openQueue.ts';
import { TaplineError } from '../../src/errors.ts';
import type { Libc } from '../../src/sys/libc.ts';
import { fakeKernel } from './support/fakeLibc.ts';

const identity = (): Identity => ({ kind: 'tap', name: 'fake0', index: 7, flags: 0x5102, headerBytes: 12 });

/** What opens a descriptor after the device was opened, each of them in the device's namespace. */
const openers: Record<string, (libc: Libc) => unknown> = {
  'a queue': (libc) => openQueue(libc, DEVICE_FD, identity(), 0x07),
  events: (libc) => new LinkMonitor(libc, DEVICE_FD, identity()),
  // Its interface has another index than ours: so it must be elsewhere.
  'a control socket': (libc) => {
    new Control(libc, DEVICE_FD, CONTROL_FD, { ...identity(), index: 99 }).refresh();
  },
};
const DEVICE_FD = 50;
const CONTROL_FD = 51;

describe.each(Object.entries(openers))('opening %s', (_name, open) => {
  it('opens one descriptor, or none, whichever call fails', () => {
    const kernelWithControl = (answer?: Parameters<typeof fakeKernel>[0]) => {
      const kernel = fakeKernel(answer);
      kernel.open.add(CONTROL_FD);
      return kernel;
    };
    const whole = kernelWithControl();
    open(whole.libc);
    expect(whole.calls).toContain('setns');
    const opened = whole.open.size;
    for (let failing = 1; failing <= whole.calls.length; failing++) {
      const kernel = kernelWithControl((_call, count) => (count === failing ? -1 : undefined));
      try {
        open(kernel.libc);
        expect(kernel.open.size).toBe(opened);
      } catch (error) {
        expect(error).toBeInstanceOf(TaplineError);
        expect([...kernel.open], kernel.calls.join()).toEqual([CONTROL_FD]);
      }
    }
  });
});

describe('LinkMonitor', () => {
  it('gives its socket back once', () => {
    const { libc, open } = fakeKernel();
    const monitor = new LinkMonitor(libc, DEVICE_FD, identity());
    monitor.close();
    monitor.close();
    expect(open.size).toBe(0);
  });
});

describe('openQueue', () => {
  it('gives the flags of the device and its offload mask again', () => {
    const { libc, calls } = fakeKernel();
    openQueue(libc, DEVICE_FD, identity(), 0x67);
    expect(calls.filter((call) => call.startsWith('ioctl 0x400454d0'))).toEqual(['ioctl 0x400454d0 103']);
  });
});
