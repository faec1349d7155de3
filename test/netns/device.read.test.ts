import { createSocket } from 'node:dgram';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import type { TapOptions } from '../../src/device/options.ts';
import { decodeVirtioHeader } from '../../src/device/virtioHeader.ts';
import { openPacketSocket, type PacketSocket, sh, testFrame, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { pause } from './support/process.ts';

const opened: { close(): void }[] = [];
let restoreIpv6: () => void = () => undefined;

/** A quiet TAP device and the socket on its other side. */
async function pair(options: TapOptions = {}): Promise<{ device: Device; peer: PacketSocket }> {
  const device = await openTap(options);
  const peer = await openPacketSocket(device.index);
  opened.push(device, peer);
  return { device, peer };
}

beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});
afterEach(() => {
  for (const item of opened.splice(0)) item.close();
});

const buffer = new Uint8Array(70_000);

describeLive('Device frames', () => {
  it('writes what a packet socket sees', async () => {
    const { device, peer } = await pair();
    device.writePacket(testFrame(100, 1));
    expect(await peer.receive()).toEqual(testFrame(100, 1));
  });

  it('reads what a packet socket sends, whole and in order', async () => {
    const { device, peer } = await pair();
    for (const bytes of [60, 1514, 61]) peer.send(testFrame(bytes, bytes));
    for (const bytes of [60, 1514, 61]) {
      expect(await device.readPacket(buffer)).toBe(bytes);
      expect(buffer.subarray(0, bytes)).toEqual(testFrame(bytes, bytes));
    }
    expect(device.tryRead(buffer)).toBeNull();
  });

  it('waits for a frame', async () => {
    const { device, peer } = await pair();
    const read = device.readPacket(buffer, { timeoutMs: 5000 });
    await pause(20);
    peer.send(testFrame(77));
    expect(await read).toBe(77);
  });

  it('puts a virtio header before every frame, both ways', async () => {
    const { device, peer } = await pair({ virtioHeader: true, offloads: 'all' });
    peer.send(testFrame(80, 3));
    expect(await device.readPacket(buffer)).toBe(92);
    expect(decodeVirtioHeader(buffer)).toMatchObject({ flags: 0, gsoType: 0, gsoSize: 0 });
    expect(buffer.subarray(12, 92)).toEqual(testFrame(80, 3));
    device.writePacket(Uint8Array.of(...new Uint8Array(12), ...testFrame(90, 4)));
    expect(await peer.receive()).toEqual(testFrame(90, 4));
    expect(() => {
      device.writePacket(Uint8Array.of(1, 2, 3));
    }).toThrow(expect.objectContaining({ code: 'SYSCALL', errno: 22 }));
  });

  it('carries IP packets on TUN', async () => {
    const device = await openTun({ addresses: ['10.210.0.1/24'] });
    opened.push(device);
    const socket = createSocket('udp4');
    socket.send('hello', 5000, '10.210.0.2');
    const bytes = await device.readPacket(buffer, { timeoutMs: 2000 });
    socket.close();
    expect([bytes, buffer[0]]).toEqual([20 + 8 + 5, 0x45]);
    expect([...buffer.subarray(12, 20)]).toEqual([10, 210, 0, 1, 10, 210, 0, 2]);
  });

  it('says LINK_DOWN while the interface is down, and works again after', async () => {
    const { device, peer } = await pair({ up: false });
    expect(() => {
      device.writePacket(testFrame(60));
    }).toThrow(expect.objectContaining({ code: 'LINK_DOWN', errno: 5, syscall: 'write' }));
    device.setUp(true);
    device.writePacket(testFrame(60));
    expect(await peer.receive()).toEqual(testFrame(60));
  });

  it('refuses what is not bytes', async () => {
    const { device } = await pair();
    await expect(device.readPacket('x' as never)).rejects.toThrow(TypeError);
    expect(() => {
      device.writePacket([1] as never);
    }).toThrow(TypeError);
    for (const timeoutMs of [-1, NaN, Infinity, 2 ** 31]) {
      await expect(device.readPacket(buffer, { timeoutMs })).rejects.toThrow(RangeError);
    }
  });
});

describeLive('Device.readPacket', () => {
  it('ends with TIMEOUT after 500 ms', async () => {
    const { device } = await pair();
    const start = performance.now();
    await expect(device.readPacket(buffer, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `No frame from ${device.name} within 500 ms`,
    });
    expect(performance.now() - start).toBeGreaterThan(495);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('ends with the reason of the signal', async () => {
    const { device, peer } = await pair();
    const controller = new AbortController();
    const read = device.readPacket(buffer, { signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error('enough'));
    }, 20);
    await expect(read).rejects.toThrow('enough');
    await expect(device.readPacket(buffer, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    peer.send(testFrame(60));
    expect(await device.readPacket(buffer)).toBe(60);
  });

  it('ends with DEVICE_CLOSED at close', async () => {
    const { device } = await pair();
    const reads = [device.readPacket(buffer), device.readPacket(buffer, { timeoutMs: 9000 })];
    setTimeout(() => {
      device.close();
    }, 20);
    for (const read of reads) await expect(read).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
  });

  it('ends with DEVICE_GONE when the interface is deleted', async () => {
    const { device } = await pair();
    const reads = [device.readPacket(buffer), device.readPacket(buffer)];
    await pause(20);
    sh('ip', 'link', 'del', device.name);
    for (const read of reads) {
      await expect(read).rejects.toMatchObject({ code: 'DEVICE_GONE', errno: 77 });
    }
    await expect(device.readPacket(buffer)).rejects.toMatchObject({ code: 'DEVICE_GONE', syscall: 'read' });
    expect(() => device.tryRead(buffer)).toThrow(expect.objectContaining({ code: 'DEVICE_GONE' }));
    expect(() => {
      device.writePacket(testFrame(60));
    }).toThrow(expect.objectContaining({ code: 'DEVICE_GONE' }));
    expect(() => device.mtu()).toThrow(expect.objectContaining({ code: 'DEVICE_GONE' }));
    expect(device.isOpen).toBe(true);
  });

  it('serves reads in the order of their calls', async () => {
    const { device, peer } = await pair();
    const buffers = [new Uint8Array(2000), new Uint8Array(2000), new Uint8Array(2000)];
    const order: number[] = [];
    const reads = buffers.map(async (target, index) => {
      const bytes = await device.readPacket(target);
      order.push(index);
      return bytes;
    });
    await pause(20);
    for (const bytes of [60, 70, 80]) peer.send(testFrame(bytes));
    expect(await Promise.all(reads)).toEqual([60, 70, 80]);
    expect(order).toEqual([0, 1, 2]);
  });

  it('leaves a frame to the read that waits', async () => {
    const { device, peer } = await pair();
    const read = device.readPacket(new Uint8Array(2000));
    peer.send(testFrame(60));
    expect(device.tryRead(buffer)).toBeNull();
    expect(await read).toBe(60);
  });

  it('passes over a read that was given up', async () => {
    const { device, peer } = await pair();
    const first = device.readPacket(new Uint8Array(2000), { timeoutMs: 30 });
    const second = device.readPacket(new Uint8Array(2000));
    await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
    peer.send(testFrame(60));
    expect(await second).toBe(60);
  });

  it('keeps a frame that is larger than the buffer for the next read', async () => {
    const { device, peer } = await pair();
    peer.send(testFrame(1000, 5));
    peer.send(testFrame(70, 6));
    await expect(device.readPacket(new Uint8Array(100))).rejects.toMatchObject({
      code: 'BUFFER_TOO_SMALL',
      message: expect.stringContaining('the frame needs 1000 bytes, the buffer has 100') as string,
    });
    expect(() => device.tryRead(new Uint8Array(0))).toThrow('needs 1000 bytes');
    expect(await device.readPacket(buffer)).toBe(1000);
    expect(buffer.subarray(0, 1000)).toEqual(testFrame(1000, 5));
    expect(device.tryRead(buffer)).toBe(70);
  });

  it('offers a kept frame to the next one who waits', async () => {
    const { device, peer } = await pair();
    const short = device.readPacket(new Uint8Array(10));
    const long = device.readPacket(new Uint8Array(2000));
    peer.send(testFrame(500));
    await expect(short).rejects.toMatchObject({ code: 'BUFFER_TOO_SMALL' });
    expect(await long).toBe(500);
  });
});

describeLive('for await over a device', () => {
  it('yields frames in memory of their own, and ends quietly at close', async () => {
    const { device, peer } = await pair();
    const seen: Uint8Array[] = [];
    const loop = (async () => {
      for await (const frame of device) {
        seen.push(frame);
        if (seen.length === 3)
          setTimeout(() => {
            device.close();
          }, 20);
      }
    })();
    for (const seed of [1, 2, 3]) peer.send(testFrame(60 + seed, seed));
    await loop;
    expect(seen).toEqual([testFrame(61, 1), testFrame(62, 2), testFrame(63, 3)]);
  });

  it('throws when the interface is deleted, and on a closed device', async () => {
    const { device } = await pair();
    const loop = (async () => {
      for await (const frame of device) expect(frame).toBeUndefined();
    })();
    await pause(20);
    sh('ip', 'link', 'del', device.name);
    await expect(loop).rejects.toMatchObject({ code: 'DEVICE_GONE' });
    device.close();
    expect(() => device[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'DEVICE_CLOSED' }));
  });

  it('can be left, and frees the read that waits', async () => {
    const { device, peer } = await pair();
    peer.send(testFrame(60));
    for await (const frame of device) {
      expect(frame.length).toBe(60);
      break;
    }
    const iterator = device[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await pause(20);
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    peer.send(testFrame(61));
    expect(await device.readPacket(buffer, { timeoutMs: 1000 })).toBe(61);
  });
});

describeLive('Device.close', () => {
  it('may be called again, and everything else then says DEVICE_CLOSED', async () => {
    const { device } = await pair();
    device.close();
    device.close();
    device[Symbol.dispose]();
    await device[Symbol.asyncDispose]();
    const closed = expect.objectContaining({ code: 'DEVICE_CLOSED', message: `${device.name} is closed` }) as Error;
    for (const use of [
      () => device.tryRead(buffer),
      () => {
        device.writePacket(testFrame(60));
      },
      () => device.mtu(),
      () => device.flags(),
      () => {
        device.setUp(true);
      },
      () => {
        device.setMtu(1500);
      },
      () => device.setOffloads([]),
      () => device.fd,
      () => device.isPersistent(),
      () => device.statistics(),
      () => {
        device.setCarrier(true);
      },
      () => {
        device.setPersist(false);
      },
      () => {
        device.rename('dev-other');
      },
      () => {
        device.attachFilter([{ code: 6, jt: 0, jf: 0, k: 0 }]);
      },
      () => {
        device.detachFilter();
      },
      () => {
        device.attach();
      },
      () => {
        device.detach();
      },
      () => device.openQueue(),
      () => device.events(),
    ]) {
      expect(use).toThrow(closed);
    }
    await expect(device.readPacket(buffer)).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
    expect(device.name).not.toBe('');
  });
});
