import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Device } from '../../src/device/device.ts';
import type { DeviceEvent } from '../../src/device/events.ts';
import { openTap, openTun } from '../../src/device/open.ts';
import { collectGarbage, hasLink, openDescriptors, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace, type Namespace } from './support/namespace.ts';
import { pause, start, until, within } from './support/process.ts';

const opened: Device[] = [];

async function tap(options: Parameters<typeof openTap>[0] = {}): Promise<Device> {
  const device = await openTap({ name: 'dev-event', ...options });
  opened.push(device);
  return device;
}

afterEach(() => {
  for (const device of opened.splice(0)) device.close();
});

type Events = AsyncIterator<DeviceEvent, undefined>;

/** The next `count` events; fails when they do not come. */
async function take(events: Events, count: number): Promise<DeviceEvent[]> {
  const found: DeviceEvent[] = [];
  while (found.length < count) {
    const { value } = await within(5000, events.next(), () => `only ${JSON.stringify(found)}`);
    if (value === undefined) break;
    found.push(value);
  }
  return found;
}

const link = (...args: string[]) => sh('ip', 'link', 'set', ...args);

describeLive('events', () => {
  it('tell what we do', async () => {
    const device = await tap({ up: false });
    const events = device.events();
    device.setUp(true);
    device.setMtu(1300);
    device.setCarrier(false);
    // The kernel tells of the carrier in a while.
    expect(await take(events, 3)).toEqual([
      { type: 'up' },
      { type: 'mtu', mtu: 1300 },
      { type: 'carrier', carrier: false },
    ]);
    device.setCarrier(true);
    device.rename('dev-other');
    const two = await take(events, 2);
    expect(two).toContainEqual({ type: 'carrier', carrier: true });
    expect(two).toContainEqual({ type: 'renamed', name: 'dev-other', before: 'dev-event' });
    device.setUp(false);
    expect(await take(events, 1)).toEqual([{ type: 'down' }]);
  });

  it('tell what others do, and of nobody else’s interface', async () => {
    const device = await tap();
    const events = device.events();
    const other = await openTun({ name: 'dev-quiet' });
    opened.push(other);
    other.setMtu(1000);
    link('dev-event', 'mtu', '1400');
    link('dev-quiet', 'down');
    link('dev-event', 'name', 'dev-named');
    expect(await take(events, 2)).toEqual([
      { type: 'mtu', mtu: 1400 },
      { type: 'renamed', name: 'dev-named', before: 'dev-event' },
    ]);
    expect(device.name).toBe('dev-named');
  });

  it('are not confused by a bridge, which tells of its ports in the same group', async () => {
    const device = await tap();
    const events = device.events();
    sh('ip', 'link', 'add', 'dev-bridge', 'type', 'bridge');
    try {
      link('dev-bridge', 'up');
      link('dev-event', 'master', 'dev-bridge');
      link('dev-event', 'nomaster');
      link('dev-event', 'mtu', '1450');
      expect(await take(events, 1)).toEqual([{ type: 'mtu', mtu: 1450 }]);
    } finally {
      sh('ip', 'link', 'del', 'dev-bridge');
    }
  });

  it('are the same for everybody who listens', async () => {
    const device = await tap();
    const all = [device.events(), device.events()];
    device.setMtu(1400);
    for (const events of all) expect(await take(events, 1)).toEqual([{ type: 'mtu', mtu: 1400 }]);
  });

  it('are fetched one by one by those who wait together', async () => {
    const device = await tap();
    const events = device.events();
    const both = Promise.all([events.next(), events.next()]);
    await pause(20);
    device.setMtu(1400);
    await pause(20);
    device.setMtu(1401);
    const found = await within(5000, both, () => 'no events');
    expect(found.map(({ value }) => (value as { mtu: number }).mtu)).toEqual([1400, 1401]);
  });

  it('end with gone', async () => {
    const before = openDescriptors();
    const device = await tap();
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { type } of device.events()) seen.push(type);
    })();
    await pause(20);
    sh('ip', 'link', 'del', 'dev-event');
    await within(5000, loop, () => seen.join());
    expect(seen.at(-1)).toBe('gone');
    // Whoever asks only then learns it at once.
    expect(() => device.events()).toThrow(expect.objectContaining({ code: 'DEVICE_GONE' }));
    device.close();
    expect(openDescriptors()).toBe(before);
  });

  it('tell of what happened while nobody asked, the end included', async () => {
    const device = await tap();
    const events = device.events();
    link('dev-event', 'down');
    sh('ip', 'link', 'del', 'dev-event');
    expect(await take(events, 3)).toEqual([{ type: 'down' }, { type: 'gone' }]);
  });

  it('keep the outcome when there was too much to tell', async () => {
    const device = await tap();
    const events = device.events();
    for (let mtu = 1000; mtu <= 1499; mtu++) device.setMtu(mtu);
    device.setUp(false);
    const found: DeviceEvent[] = [];
    while (found.at(-1)?.type !== 'down') found.push(...(await take(events, 1)));
    const mtus = found.flatMap((event) => (event.type === 'mtu' ? [event.mtu] : []));
    expect(mtus.at(-1)).toBe(1499);
    expect(mtus.length).toBeLessThan(500);
    expect([...mtus].sort((a, b) => a - b)).toEqual(mtus);
    device.setMtu(1500);
    expect(await take(events, 1)).toEqual([{ type: 'mtu', mtu: 1500 }]);
  });

  it('end quietly when the device is closed', async () => {
    const device = await tap();
    const events = device.events();
    const waiting = events.next();
    await pause(20);
    device.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(() => device.events()).toThrow(expect.objectContaining({ code: 'DEVICE_CLOSED' }));
  });

  it('release their socket when the loop is left, or nobody refers to them', async () => {
    const device = await tap();
    const before = openDescriptors();
    const events = device.events();
    expect(openDescriptors()).toBe(before + 1);
    device.setMtu(1400);
    for await (const event of { [Symbol.asyncIterator]: () => events }) {
      expect(event.type).toBe('mtu');
      break;
    }
    expect(openDescriptors()).toBe(before);
    await events.return?.();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    device.events();
    await until(() => {
      collectGarbage();
      return openDescriptors() === before;
    }, 'the iteration is collected');
  });

  it('end with the reason of the signal', async () => {
    const device = await tap();
    const before = openDescriptors();
    const controller = new AbortController();
    const events = device.events({ signal: controller.signal });
    const waiting = events.next();
    await pause(20);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(events.next()).rejects.toThrow('enough');
    expect(openDescriptors()).toBe(before);
    expect(() => device.events({ signal: AbortSignal.abort(new Error('before')) })).toThrow('before');
    expect(() => device.events({ singal: controller.signal } as never)).toThrow("did you mean 'signal'?");
    expect(openDescriptors()).toBe(before);
  });
});

describeLive('events across network namespaces', () => {
  let other: Namespace;
  beforeAll(async () => {
    other = await makeNamespace();
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
  });
  const there = (...args: string[]) => sh('nsenter', `--net=/proc/${other.pid}/ns/net`, 'ip', 'link', ...args);

  it('follow the interface: moved, and what happens to it there', async () => {
    const device = await tap();
    const before = openDescriptors();
    const events = device.events();
    const seen: DeviceEvent[] = [];
    const loop = (async () => {
      for await (const event of { [Symbol.asyncIterator]: () => events }) seen.push(event);
    })();
    await pause(20);
    link('dev-event', 'netns', String(other.pid));
    await until(() => seen.some(({ type }) => type === 'moved'), 'moved');
    expect(seen).toEqual([{ type: 'down' }, { type: 'moved', index: device.index }]);
    there('set', 'dev-event', 'up');
    there('set', 'dev-event', 'mtu', '1350');
    there('set', 'dev-event', 'name', 'dev-abroad');
    await until(() => seen.length === 5, 'news from there');
    expect(seen.slice(2)).toEqual([
      { type: 'up' },
      { type: 'mtu', mtu: 1350 },
      { type: 'renamed', name: 'dev-abroad', before: 'dev-event' },
    ]);
    expect(device.name).toBe('dev-abroad');
    expect(openDescriptors()).toBe(before + 1);
    there('del', 'dev-abroad');
    await within(5000, loop, () => JSON.stringify(seen));
    expect(seen.slice(5).map(({ type }) => type)).toEqual(['down', 'gone']);
  });

  it('begin where the device was opened, and see it come home', async () => {
    const device = await tap({ netns: other.pid });
    const events = device.events();
    there('set', 'dev-event', 'mtu', '1350');
    expect(await take(events, 1)).toEqual([{ type: 'mtu', mtu: 1350 }]);
    there('set', 'dev-event', 'netns', String(process.ppid === 0 ? 1 : process.pid));
    expect((await take(events, 2)).map(({ type }) => type)).toEqual(['down', 'moved']);
    expect(hasLink('dev-event')).toBe(true);
    link('dev-event', 'mtu', '1360');
    expect(await take(events, 1)).toEqual([{ type: 'mtu', mtu: 1360 }]);
  });
});

describeLive('a process', () => {
  const node = (body: string) =>
    start(process.execPath, ['--input-type=module', '-e', `import { openTap } from 'tapline';\n${body}`]);

  it('ends while events are open and nobody waits for one', async () => {
    await using child = node(`
      const device = await openTap({ name: 'dev-idle' });
      globalThis.events = device.events();
      device.setMtu(1400);
      console.log((await globalThis.events.next()).value.mtu);`);
    expect(await within(10_000, child.ended, () => 'still there')).toMatchObject({ code: 0, stdout: '1400\n' });
  });

  it('stays while somebody waits', async () => {
    await using child = node(`
      const device = await openTap({ name: 'dev-stays' });
      console.log('waits');
      for await (const { type } of device.events()) console.log(type);`);
    await child.waitFor(/waits/);
    await pause(200);
    expect(child.process.exitCode).toBeNull();
    sh('ip', 'link', 'del', 'dev-stays');
    expect(await child.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/gone\n$/) as string });
  });
});
