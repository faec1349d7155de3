import { readFileSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import { listDevices } from '../../src/device/listDevices.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import { tunNumber } from '../../src/device/tunRequest.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import {
  hasLink,
  ipLink,
  openDescriptors,
  openPacketSocket,
  sh,
  testFrame,
  withoutIpv6,
  NOBODY,
  whyNotNobody,
} from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { until } from './support/process.ts';

const opened: { close(): void }[] = [];
const left: string[] = [];

function keep<Item extends { close(): void }>(item: Item): Item {
  opened.push(item);
  return item;
}

let restoreIpv6: () => void = () => undefined;
beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});
afterEach(() => {
  for (const item of opened.splice(0)) item.close();
  for (const name of left.splice(0)) if (hasLink(name)) sh('ip', 'link', 'del', name);
});

/** What the driver tells of an interface: `ip -d -j link`. */
function driverInfo(name: string): Record<string, unknown> {
  return (ipLink(name)['linkinfo'] as { info_data: Record<string, unknown> }).info_data;
}

async function sendBuffer(device: { fd: number }): Promise<number> {
  return tunNumber({ libc: await loadLibc(), fd: device.fd, name: 'test' }, 'TUNGETSNDBUF');
}

describeLive('persist', () => {
  it('makes the interface outlive its descriptor, and lets it end again', async () => {
    left.push('dev-last');
    const first = await openTap({ name: 'dev-last', persist: true });
    expect(first.isPersistent()).toBe(true);
    expect(driverInfo('dev-last')).toMatchObject({ persist: true });
    first.close();
    expect(hasLink('dev-last')).toBe(true);
    const second = await openTap({ name: 'dev-last', exclusive: false });
    expect(second.index).toBe(first.index);
    expect(second.mac).toBe(first.mac);
    expect(second.isPersistent()).toBe(true);
    second.close();
    (await openTap({ name: 'dev-last', exclusive: false, persist: false })).close();
    expect(hasLink('dev-last')).toBe(false);
  });

  it('can be changed', async () => {
    left.push('dev-last');
    const device = keep(await openTun({ name: 'dev-last' }));
    expect(device.isPersistent()).toBe(false);
    device.setPersist(true);
    expect(driverInfo('dev-last')).toMatchObject({ persist: true });
    device.setPersist(false);
    expect(driverInfo('dev-last')).toMatchObject({ persist: false });
    expect(() => {
      device.setPersist(1 as never);
    }).toThrow(TypeError);
  });

  it('is EXCLusive by default: a persistent device is DEVICE_EXISTS, though nobody holds it', async () => {
    left.push('dev-last');
    (await openTap({ name: 'dev-last', persist: true })).close();
    await expect(openTap({ name: 'dev-last' })).rejects.toMatchObject({ code: 'DEVICE_EXISTS', errno: 16 });
  });

  it('leaves nothing when a step of opening fails', async () => {
    const before = openDescriptors();
    const options = { name: 'dev-last', persist: true, mac: '00:00:00:00:00:00' };
    await expect(openTap(options)).rejects.toMatchObject({ code: 'SYSCALL', errno: 99 });
    expect(hasLink('dev-last')).toBe(false);
    expect(openDescriptors()).toBe(before);
  });
});

describeLive('owner and group', () => {
  it('are the ids that were given', async () => {
    left.push('dev-owned');
    // In a user namespace with one user there are no others to be named.
    const [owner, group] = whyNotNobody() === null ? [NOBODY, 4321] : [0, 0];
    keep(await openTap({ name: 'dev-owned', owner, group, persist: true }));
    const found = (await listDevices()).find(({ ifname }) => ifname === 'dev-owned');
    expect(found?.linkinfo.info_data).toMatchObject({ persist: true, user: owner, group });
    expect(sh('ip', '-d', 'link', 'show', 'dev', 'dev-owned')).toMatch(/ persist on user \S+ group \S+ /);
    expect(readFileSync('/sys/class/net/dev-owned/owner', 'utf8').trim()).toBe(String(owner));
    expect(readFileSync('/sys/class/net/dev-owned/group', 'utf8').trim()).toBe(String(group));
  });
});

describeLive('carrier', () => {
  const flags = (name: string) => ipLink(name)['flags'] as string[];

  it('is there by default, absent when asked, and can be changed', async () => {
    keep(await openTap({ name: 'dev-plain' }));
    expect(flags('dev-plain')).toContain('LOWER_UP');
    const device = keep(await openTap({ name: 'dev-cable', carrier: false }));
    expect(flags('dev-cable')).toEqual(expect.arrayContaining(['NO-CARRIER', 'UP']));
    expect(readFileSync('/sys/class/net/dev-cable/carrier', 'utf8').trim()).toBe('0');
    device.setCarrier(true);
    expect(flags('dev-cable')).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']));
    device.setCarrier(false);
    expect(flags('dev-cable')).toContain('NO-CARRIER');
    expect(() => {
      device.setCarrier('on' as never);
    }).toThrow(TypeError);
  });
});

describeLive('sendBufferBytes', () => {
  it('is what the driver answers, for each queue', async () => {
    expect(await sendBuffer(keep(await openTap()))).toBe(0x7fffffff);
    const device = keep(await openTap({ sendBufferBytes: 4096, multiQueue: true }));
    expect(await sendBuffer(device)).toBe(4096);
    expect(await sendBuffer(device.openQueue())).toBe(4096);
  });

  it('makes writes fail with EAGAIN while the kernel holds earlier frames', async () => {
    // Two devices in a bridge; the second one sends slowly.
    const device = keep(await openTap({ name: 'dev-from', sendBufferBytes: 20_000 }));
    keep(await openTap({ name: 'dev-slow' }));
    left.push('dev-bridge');
    sh('ip', 'link', 'add', 'dev-bridge', 'type', 'bridge');
    for (const name of ['dev-from', 'dev-slow']) sh('ip', 'link', 'set', name, 'master', 'dev-bridge');
    sh('ip', 'link', 'set', 'dev-bridge', 'up');
    sh('tc', 'qdisc', 'add', 'dev', 'dev-slow', 'root', 'tbf', 'rate', '8kbit', 'burst', '1600', 'limit', '1000000');
    await until(() => sh('bridge', 'link').includes('state forwarding'), 'the bridge forwards');
    // To one unknown station: a frame to everyone would travel as copies, which the buffer does not count.
    const frame = testFrame(1500);
    frame.set([2, 0, 0, 0, 0, 0x77]);
    let error: unknown = null;
    await until(() => {
      try {
        for (let count = 0; count < 50; count++) device.writePacket(frame);
      } catch (caught) {
        error = caught;
      }
      return error !== null;
    }, 'the buffer is full');
    expect(error).toMatchObject({
      code: 'SYSCALL',
      errno: 11,
      message:
        'Cannot write to dev-from: write failed with EAGAIN: sendBufferBytes of earlier frames are still on their way',
    });
  }, 20_000);
});

describeLive('napi', () => {
  const threaded = (name: string) => readFileSync(`/sys/class/net/${name}/threaded`, 'utf8').trim();
  const tunFlags = (name: string) => Number(readFileSync(`/sys/class/net/${name}/tun_flags`, 'utf8'));
  const IFF_NAPI = 0x10;

  it('is a flag of the device, and a switch of the interface', async () => {
    keep(await openTap({ name: 'dev-direct' }));
    keep(await openTap({ name: 'dev-napi', napi: true }));
    keep(await openTun({ name: 'dev-thread', napi: 'threaded' }));
    expect(['dev-direct', 'dev-napi', 'dev-thread'].map((name) => tunFlags(name) & IFF_NAPI)).toEqual([0, 16, 16]);
    expect(['dev-direct', 'dev-napi', 'dev-thread'].map(threaded)).toEqual(['0', '0', '1']);
  });

  it('is switched on in another network namespace too, and only there', async () => {
    await using other = await makeNamespace();
    keep(await openTap({ name: 'dev-thread' }));
    const there = keep(await openTap({ name: 'dev-thread', napi: 'threaded', netns: other.pid }));
    expect(threaded('dev-thread')).toBe('0');
    const script = 'mount -t sysfs sysfs /sys && cat /sys/class/net/dev-thread/threaded';
    const { stdout } = await other.exec('unshare', ['--mount', 'sh', '-c', script]);
    expect(stdout.trim()).toBe('1');
    there.close();
  });

  it.each([true, 'threaded' as const])('%s carries frames', async (napi) => {
    const device = keep(await openTap({ napi }));
    const peer = keep(await openPacketSocket(device.index));
    for (let seed = 0; seed < 20; seed++) device.writePacket(testFrame(100, seed));
    for (let seed = 0; seed < 20; seed++) expect(await peer.receive()).toEqual(testFrame(100, seed));
    peer.send(testFrame(70));
    expect(await device.readPacket(new Uint8Array(2000), { timeoutMs: 2000 })).toBe(70);
  });
});

describeLive('rename', () => {
  it('changes the name here and there', async () => {
    const device = keep(await openTap({ name: 'dev-before' }));
    device.rename('dev-after');
    expect(device.name).toBe('dev-after');
    expect(ipLink('dev-after')).toMatchObject({ ifindex: device.index });
    expect(hasLink('dev-before')).toBe(false);
    device.setMtu(1234);
    expect(ipLink('dev-after')).toMatchObject({ mtu: 1234 });
    device.rename('dev%d');
    expect(device.name).toBe('dev0');
  });

  it('refuses names before asking, and says when one is taken', async () => {
    const device = keep(await openTap({ name: 'dev-before' }));
    keep(await openTap({ name: 'dev-there' }));
    for (const name of ['', 'a b', 'a/b', '..']) {
      expect(() => {
        device.rename(name);
      }).toThrow(TypeError);
    }
    expect(() => {
      device.rename('sixteen-bytes-xy');
    }).toThrow(RangeError);
    expect(() => {
      device.rename('dev-there');
    }).toThrow(expect.objectContaining({ code: 'DEVICE_EXISTS', errno: 17 }));
    expect(device.name).toBe('dev-before');
  });

  it('by others is noticed with the next question', async () => {
    const device = keep(await openTap({ name: 'dev-before' }));
    sh('ip', 'link', 'set', 'dev-before', 'name', 'dev-other');
    expect(device.name).toBe('dev-before');
    device.mtu();
    expect(device.name).toBe('dev-other');
  });

  it('does not lead to another interface with the old name', async () => {
    await using other = await makeNamespace();
    const device = keep(await openTap({ name: 'dev-twin', mtu: 1400 }));
    sh('ip', 'link', 'set', 'dev-twin', 'netns', String(other.pid));
    const impostor = keep(await openTap({ name: 'dev-twin', mtu: 1300 }));
    expect(device.mtu()).toBe(1400);
    device.setMtu(1401);
    expect(impostor.mtu()).toBe(1300);
    expect(device.mtu()).toBe(1401);
  });
});

describeLive('statistics', () => {
  it('count from the kernel’s side, as ip does', async () => {
    const device: Device = keep(await openTap({ name: 'dev-stats', txQueueLength: 3 }));
    const peer = keep(await openPacketSocket(device.index));
    const before = device.statistics();
    for (let frame = 0; frame < 5; frame++) device.writePacket(testFrame(100));
    for (let frame = 0; frame < 10; frame++) peer.send(testFrame(200));
    const after = device.statistics();
    expect(after.rx.packets - before.rx.packets).toBe(5);
    expect(after.rx.bytes - before.rx.bytes).toBe(5 * 100);
    // What the queue has no room for is lost, and counted.
    expect(after.tx.dropped - before.tx.dropped).toBeGreaterThanOrEqual(7);
    expect(after).toEqual(sameAs(ipStatistics('dev-stats')));
    const buffer = new Uint8Array(2000);
    while (device.tryRead(buffer) !== null);
    // What was read is sent, to the kernel.
    expect(device.statistics().tx.packets - before.tx.packets).toBe(3);
    expect(device.statistics().tx.bytes - before.tx.bytes).toBe(3 * 200);
  });

  it('count what the kernel refuses', async () => {
    const device = keep(await openTap({ virtioHeader: true }));
    expect(() => {
      device.writePacket(Uint8Array.of(1, 99, ...new Uint8Array(98)));
    }).toThrow(expect.objectContaining({ errno: 22 }));
    device.setUp(false);
    expect(() => {
      device.writePacket(new Uint8Array(100).fill(0, 0, 12));
    }).toThrow(expect.objectContaining({ code: 'LINK_DOWN' }));
    expect(device.statistics()).toMatchObject({ rx: { packets: 0, dropped: 1, errors: 0 } });
  });
});

type Counters = Record<'rx' | 'tx', Record<string, number>>;

function ipStatistics(name: string): Counters {
  const [link] = JSON.parse(sh('ip', '-j', '-s', 'link', 'show', 'dev', name)) as { stats64: Counters }[];
  return link?.stats64 ?? { rx: {}, tx: {} };
}

function sameAs({ rx, tx }: Counters): object {
  const four = ({ bytes, packets, errors, dropped }: Record<string, number>) => ({ bytes, packets, errors, dropped });
  return { rx: four(rx), tx: four(tx) };
}

describeLive('a kernel filter', () => {
  /** Frames whose byte 14 is 7 (a seed of testFrame): ldb [14]; jeq #7; ret 4096 or ret 0. */
  const program = [
    { code: 0x30, jt: 0, jf: 0, k: 14 },
    { code: 0x15, jt: 0, jf: 1, k: 7 },
    { code: 0x06, jt: 0, jf: 0, k: 4096 },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ];
  const frame = (mark: number) => testFrame(80).fill(mark, 14, 15);

  it('lets through what it accepts, on all queues, and counts the rest', async () => {
    const device = keep(await openTap({ multiQueue: true }));
    const peer = keep(await openPacketSocket(device.index));
    const further = device.openQueue();
    expect(device.hasFilter).toBe(false);
    device.attachFilter(program);
    expect(device.hasFilter).toBe(true);
    const before = device.statistics().tx.dropped;
    const buffer = new Uint8Array(2000);
    for (let mark = 0; mark < 10; mark++) peer.send(frame(mark));
    const marks = [];
    for (const queue of [device, further])
      while (queue.tryRead(buffer) !== null) if (buffer[12] === 0x88) marks.push(buffer[14]);
    expect(marks).toEqual([7]);
    expect(device.statistics().tx.dropped - before).toBeGreaterThanOrEqual(9);
    device.detachFilter();
    device.detachFilter();
    expect(device.hasFilter).toBe(false);
    for (let mark = 0; mark < 10; mark++) peer.send(frame(mark));
    let count = 0;
    for (const queue of [device, further]) while (queue.tryRead(buffer) !== null) if (buffer[12] === 0x88) count++;
    expect(count).toBe(10);
  });

  it('may shorten frames', async () => {
    const device = keep(await openTap());
    const peer = keep(await openPacketSocket(device.index));
    device.attachFilter([{ code: 0x06, jt: 0, jf: 0, k: 20 }]);
    const buffer = new Uint8Array(2000);
    while (device.tryRead(buffer) !== null);
    peer.send(frame(1));
    expect(await device.readPacket(buffer, { timeoutMs: 2000 })).toBe(20);
  });

  it('is refused by the kernel when it is no program, and on TUN', async () => {
    const device = keep(await openTap());
    expect(() => {
      device.attachFilter([{ code: 0x30, jt: 0, jf: 0, k: 0 }]);
    }).toThrow(expect.objectContaining({ code: 'SYSCALL', errno: 22, syscall: 'ioctl(TUNATTACHFILTER)' }));
    const l3 = keep(await openTun());
    expect(() => {
      l3.attachFilter(program);
    }).toThrow(new TypeError(`Cannot filter ${l3.name}: only TAP devices have kernel filters`));
  });
});
