import { afterEach, describe, expect, it, vi } from 'vitest';

import { errnoName, errnos } from '../../src/sys/errno.ts';
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from '../../src/sys/fcntl.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { netnsPath } from '../../src/sys/netns.ts';

describe.runIf(process.platform === 'linux')('loadLibc', () => {
  it('loads once', async () => {
    expect(await loadLibc()).toBe(await loadLibc());
  });

  it('reads, writes and copies by address, in shared memories too', async () => {
    const libc = await loadLibc();
    const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
    const fd = libc.open('/dev/zero', O_RDONLY | O_CLOEXEC, 0);
    memory.fill(0xa5, 0, 64);
    expect(libc.read(fd, libc.addressOf(memory) + 8, 16)).toBe(16);
    expect([...memory.subarray(0, 32)]).toEqual([...repeat(0xa5, 8), ...repeat(0, 16), ...repeat(0xa5, 8)]);
    libc.memcpy(libc.addressOf(memory) + 32, libc.addressOf(memory) + 4, 8);
    expect([...memory.subarray(32, 40)]).toEqual([...repeat(0xa5, 4), ...repeat(0, 4)]);
    expect(libc.close(fd)).toBe(0);
  });

  it('has the error number after a failure', async () => {
    const libc = await loadLibc();
    expect(libc.close(-1)).toBe(-1);
    expect(errnoName(libc.errno())).toBe('EBADF');
    expect(libc.open('/nowhere', O_RDONLY, 0)).toBe(-1);
    expect(libc.errno()).toBe(errnos.ENOENT);
  });

  it('waits in the event loop, pauses, resumes and closes more than once', async () => {
    const libc = await loadLibc();
    const fd = libc.eventfd(1, O_NONBLOCK | O_CLOEXEC);
    let calls = 0;
    let wake: () => void = () => undefined;
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    const handle = libc.poll(fd, { readable: true }, (status, events) => {
      expect([status, events.readable]).toEqual([0, true]);
      calls++;
      handle.pause();
      wake();
    });
    expect(() => libc.poll(fd, { readable: true }, () => undefined)).toThrow('something else already waits');
    await next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls).toBe(1);
    const again = next();
    handle.resume();
    await again;
    expect(calls).toBe(2);
    handle.close();
    handle.close();
    handle.resume();
    handle.unref();
    handle.ref();
    handle.pause();
    libc.poll(fd, { readable: true }, () => undefined).close();
    libc.close(fd);
  });
});

describe('loadLibc elsewhere', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['darwin', 'arm64', 'Cannot open devices on darwin: TUN/TAP devices need Linux'],
    ['win32', 'x64', 'Cannot open devices on win32'],
    ['linux', 's390x', 'Cannot open devices on linux-s390x: supported are x64, arm64, riscv64, loong64'],
  ])('says why there are no devices on %s %s', async (platform, arch, text) => {
    vi.resetModules();
    vi.stubGlobal('process', { ...process, platform, arch });
    const fresh = await import('../../src/sys/libc.ts');
    await expect(fresh.loadLibc()).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      message: expect.stringContaining(text) as string,
    });
  });
});

describe('netnsPath', () => {
  it('takes names, paths and process ids', () => {
    expect(netnsPath('blue')).toBe('/run/netns/blue');
    expect(netnsPath('/proc/7/ns/net')).toBe('/proc/7/ns/net');
    expect(netnsPath('./here')).toBe('./here');
    expect(netnsPath(7)).toBe('/proc/7/ns/net');
  });
});

describe('errnoName', () => {
  it('has a name for what the library handles, and the number otherwise', () => {
    expect(errnoName(11)).toBe('EAGAIN');
    expect(errnoName(77)).toBe('EBADFD');
    expect(errnoName(250)).toBe('errno 250');
  });
});

function repeat(byte: number, count: number): number[] {
  return new Array<number>(count).fill(byte);
}
