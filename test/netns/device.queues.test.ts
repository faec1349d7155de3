import { createSocket } from 'node:dgram';

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import type { DeviceQueue } from '../../src/device/deviceQueue.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import type { TapOptions } from '../../src/device/options.ts';
import {
  collectGarbage,
  hasLink,
  ipLink,
  openDescriptors,
  openPacketSocket,
  sh,
  testFrame,
  withoutIpv6,
} from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { pause, until } from './support/process.ts';

const opened: { close(): void }[] = [];
let restoreIpv6: () => void = () => undefined;

beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});
afterEach(() => {
  for (const item of opened.splice(0)) item.close();
});

async function multi(options: TapOptions = {}): Promise<Device> {
  const device = await openTap({ name: 'dev-multi', multiQueue: true, ...options });
  opened.push(device);
  return device;
}

/** Queues in service and out of it, as `ip -d -j link` counts them. */
function counts(name = 'dev-multi'): [attached: unknown, detached: unknown] {
  const info = (ipLink(name)['linkinfo'] as { info_data: Record<string, unknown> }).info_data;
  return [info['numqueues'], info['numdisabled'] ?? 0];
}

const buffer = new Uint8Array(70_000);
const gone = expect.objectContaining({ code: 'DEVICE_GONE' }) as Error;
const closed = expect.objectContaining({ code: 'DEVICE_CLOSED' }) as Error;

describeLive('openQueue', () => {
  it('shares name, header and offloads, and closes with the device', async () => {
    const before = openDescriptors();
    const device = await multi({ virtioHeader: true, offloads: ['csum', 'tso4', 'uso4', 'uso6'] });
    const features = sh('ethtool', '-k', 'dev-multi');
    const queues = [device.openQueue(), device.openQueue()];
    expect(counts()).toEqual([3, 0]);
    expect(queues.map(({ headerBytes, isOpen, isAttached }) => [headerBytes, isOpen, isAttached])).toEqual([
      [12, true, true],
      [12, true, true],
    ]);
    // Another queue must not change what all share.
    expect(sh('ethtool', '-k', 'dev-multi')).toBe(features);
    queues[0]?.close();
    expect(counts()).toEqual([2, 0]);
    device.close();
    expect(queues.map(({ isOpen }) => isOpen)).toEqual([false, false]);
    expect(() => queues[1]?.tryRead(buffer)).toThrow(closed);
    expect(() => device.openQueue()).toThrow(closed);
    expect(hasLink('dev-multi')).toBe(false);
    expect(openDescriptors()).toBe(before);
  });

  it('keeps USO when the mask is given again', async () => {
    const device = await multi({ virtioHeader: true, offloads: 'all' });
    if (!device.offloads.includes('uso4')) return;
    device.openQueue();
    expect(sh('ethtool', '-k', 'dev-multi')).toMatch(/tx-udp-segmentation: on/);
  });

  it('reads and writes on its own, and keeps a flow where it was answered', async () => {
    const device = await openTun({ name: 'dev-multi', multiQueue: true, addresses: ['10.230.0.1/24'] });
    opened.push(device);
    const queues: DeviceQueue[] = [device, device.openQueue(), device.openQueue(), device.openQueue()];
    const socket = createSocket('udp4');
    const send = () =>
      new Promise<unknown>((resolve) => {
        socket.send('hello', 5000, '10.230.0.2', resolve);
      });
    for (const queue of queues) {
      await send();
      const reply = new Uint8Array(33);
      for (const from of queues) {
        const bytes = from.tryRead(buffer);
        if (bytes !== null) reply.set(buffer.subarray(0, bytes));
      }
      expect(reply[0]).toBe(0x45);
      queue.writePacket(reversed(reply));
      await send();
      expect(queues.filter((one) => one.tryRead(buffer) !== null)).toEqual([queue]);
    }
    socket.close();
  });

  it('waits and iterates like a device', async () => {
    const device = await multi();
    const queue = device.openQueue();
    device.detach();
    const peer = await openPacketSocket(device.index);
    opened.push(peer);
    const read = queue.readPacket(buffer, { timeoutMs: 5000 });
    await pause(10);
    peer.send(testFrame(90));
    expect(await read).toBe(90);
    peer.send(testFrame(91));
    for await (const frame of queue) {
      expect(frame.length).toBe(91);
      break;
    }
  });

  it('follows a device into another network namespace', async () => {
    await using other = await makeNamespace();
    const device = await multi();
    sh('ip', 'link', 'set', 'dev-multi', 'netns', String(other.pid));
    device.openQueue();
    const { stdout } = await other.exec('ip', ['-d', 'link', 'show', 'dev-multi']);
    expect(stdout).toContain('numqueues 2');
    expect(hasLink('dev-multi')).toBe(false);
  });

  it('is refused without multiQueue, on a deleted device and after the 256th', async () => {
    const single = await openTap();
    opened.push(single);
    expect(() => single.openQueue()).toThrow(
      new TypeError(`Cannot open another queue of ${single.name}: open it with multiQueue: true`),
    );
    expect(() => {
      single.detach();
    }).toThrow(TypeError);
    const before = openDescriptors();
    const device = await multi();
    const queues = Array.from({ length: 255 }, () => device.openQueue());
    expect(counts()).toEqual([256, 0]);
    const full = openDescriptors();
    const tooMany = expect.objectContaining({
      code: 'SYSCALL',
      errno: 7,
      message:
        'Cannot open another queue of dev-multi: ioctl(TUNSETIFF) failed with E2BIG: the device has all its 256 queues',
    }) as Error;
    expect(() => device.openQueue()).toThrow(tooMany);
    // Detached ones count.
    queues[0]?.detach();
    expect(() => device.openQueue()).toThrow(tooMany);
    expect(openDescriptors()).toBe(full);
    queues[0]?.close();
    device.openQueue();
    sh('ip', 'link', 'del', 'dev-multi');
    expect(() => device.openQueue()).toThrow(gone);
    device.close();
    expect(openDescriptors()).toBe(before);
  });

  it('is closed when nobody refers to it, and keeps its device while somebody does', async () => {
    const device = await multi();
    device.openQueue();
    await until(() => {
      collectGarbage();
      return counts()[0] === 1;
    }, 'the queue is collected');
    const lose = async () => (await openTap({ name: 'dev-kept', multiQueue: true })).openQueue();
    const queue = await lose();
    for (let round = 0; round < 5; round++) {
      collectGarbage();
      await pause(10);
    }
    expect(queue.isOpen).toBe(true);
    expect(counts('dev-kept')).toEqual([2, 0]);
    queue.close();
  });
});

describeLive('detach and attach', () => {
  it('take a queue out of service and back', async () => {
    const device = await multi();
    const queue = device.openQueue();
    queue.detach();
    queue.detach();
    expect([queue.isAttached, device.isAttached, counts()]).toEqual([false, true, [1, 1]]);
    const peer = await openPacketSocket(device.index);
    opened.push(peer);
    for (let seed = 0; seed < 20; seed++) peer.send(testFrame(100, seed));
    for (let seed = 0; seed < 20; seed++) expect(device.tryRead(buffer)).toBe(100);
    queue.attach();
    queue.attach();
    expect([queue.isAttached, counts()]).toEqual([true, [2, 0]]);
    device.detach();
    peer.send(testFrame(100));
    expect(await queue.readPacket(buffer, { timeoutMs: 2000 })).toBe(100);
  });

  it('give typed errors for whatever a detached queue is asked', async () => {
    const device = await multi();
    const queue = device.openQueue();
    const waiting = queue.readPacket(buffer);
    queue.detach();
    const detached = {
      code: 'QUEUE_DETACHED',
      message: 'Cannot read from dev-multi: this queue is detached: attach() it',
    };
    await expect(waiting).rejects.toMatchObject(detached);
    await expect(queue.readPacket(buffer)).rejects.toMatchObject(detached);
    expect(() => queue.tryRead(buffer)).toThrow(expect.objectContaining(detached));
    expect(() => {
      queue.writePacket(testFrame(60));
    }).toThrow(
      expect.objectContaining({ code: 'QUEUE_DETACHED', message: expect.stringContaining('write to') as string }),
    );
    const again = queue.readPacket.bind(queue);
    queue.attach();
    device.detach();
    const peer = await openPacketSocket(device.index);
    opened.push(peer);
    const read = again(buffer, { timeoutMs: 5000 });
    await pause(10);
    peer.send(testFrame(77));
    expect(await read).toBe(77);
  });

  it('may leave a device without any queue in service', async () => {
    const device = await multi();
    device.detach();
    expect(counts()).toEqual([0, 1]);
    expect(() => {
      device.setCarrier(true);
    }).toThrow(expect.objectContaining({ code: 'QUEUE_DETACHED', errno: 1 }));
    device.attach();
    expect(counts()).toEqual([1, 0]);
    device.writePacket(testFrame(60));
  });
});

/** The orders of tools/testing/selftests/net/tun.c: a device with two queues, of which one goes these ways. */
describeLive('the orders of the kernel’s selftest', () => {
  const remove = () => {
    sh('ip', 'link', 'del', 'dev-multi');
  };
  const pair = async () => {
    const device = await multi();
    return { device, queue: device.openQueue() };
  };

  it('delete, detach, close', async () => {
    const { device, queue } = await pair();
    remove();
    expect(() => {
      queue.detach();
    }).toThrow(gone);
    expect(() => queue.tryRead(buffer)).toThrow(gone);
    queue.close();
    expect(() => device.mtu()).toThrow(gone);
  });

  it('detach, delete, close', async () => {
    const { device, queue } = await pair();
    queue.detach();
    remove();
    expect(() => {
      queue.attach();
    }).toThrow(gone);
    queue.close();
    expect(() => device.tryRead(buffer)).toThrow(gone);
  });

  it('detach, close, delete', async () => {
    const { device, queue } = await pair();
    queue.detach();
    queue.close();
    expect(counts()).toEqual([1, 0]);
    remove();
    expect(() => device.mtu()).toThrow(gone);
  });

  it('reattach, delete, close', async () => {
    const { device, queue } = await pair();
    queue.detach();
    queue.attach();
    remove();
    expect(() => queue.tryRead(buffer)).toThrow(gone);
    queue.close();
    expect(() => device.tryRead(buffer)).toThrow(gone);
  });

  it('reattach, close, delete', async () => {
    const { device, queue } = await pair();
    queue.detach();
    queue.attach();
    queue.close();
    expect(counts()).toEqual([1, 0]);
    remove();
    expect(() => device.mtu()).toThrow(gone);
  });

  it('any other order: what we believe is what the kernel has', async () => {
    const before = openDescriptors();
    type Step = 'open' | 'attach' | 'detach' | 'close';
    const step = fc.tuple(fc.constantFrom<Step>('open', 'open', 'attach', 'detach', 'close'), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const device = await openTap({ name: 'dev-multi', multiQueue: true, up: false });
        try {
          let queues: DeviceQueue[] = [device];
          for (const [kind, pick] of steps) {
            const queue = queues[pick % queues.length] ?? device;
            if (kind === 'open') queues.push(device.openQueue());
            else if (kind === 'attach') queue.attach();
            else if (kind === 'detach') queue.detach();
            else if (queue !== device) queue.close();
            queues = queues.filter(({ isOpen }) => isOpen);
          }
          const attached = queues.filter(({ isAttached }) => isAttached).length;
          expect(counts()).toEqual([attached, queues.length - attached]);
        } finally {
          device.close();
        }
      }),
      { numRuns: 25 },
    );
    expect(openDescriptors()).toBe(before);
  });
});

describeLive('a device that others hold', () => {
  it('keeps its header size, offloads and filters when another queue joins', async () => {
    const device = await multi({ virtioHeader: true, offloads: ['csum', 'tso4'] });
    const features = sh('ethtool', '-k', 'dev-multi');
    const options = { name: 'dev-multi', exclusive: false, multiQueue: true, virtioHeader: true };
    const joined = await openTap(options);
    opened.push(joined);
    expect(joined).toMatchObject({ headerBytes: 12, offloads: ['csum', 'tso4'], index: device.index, mac: device.mac });
    expect(sh('ethtool', '-k', 'dev-multi')).toBe(features);
    sh('ethtool', '-K', 'dev-multi', 'tx-tcp-segmentation', 'off');
    const later = await openTap(options);
    opened.push(later);
    expect(later.offloads).toEqual(['csum']);
    // Unless something else is asked for: it belongs to the device.
    const chosen = await openTap({ ...options, offloads: ['csum', 'tso6'] });
    opened.push(chosen);
    expect(sh('ethtool', '-k', 'dev-multi')).toMatch(/tx-tcp6-segmentation: on/);
    expect(sh('ethtool', '-k', 'dev-multi')).toMatch(/tx-tcp-segmentation: off/);
  });
});

/** An IPv4 UDP packet in the other direction, checksums unchanged by the swap. */
function reversed(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  for (const [first, second, bytes] of [
    [12, 16, 4],
    [20, 22, 2],
  ] as const) {
    copy.set(packet.subarray(first, first + bytes), second);
    copy.set(packet.subarray(second, second + bytes), first);
  }
  return copy;
}
