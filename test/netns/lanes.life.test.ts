import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deviceDescriptors } from './support/descriptors.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { builtLibrary, laneFilter, restartsOf } from './support/lanes.ts';
import { pause, until } from './support/process.ts';

const threads = (): number => readdirSync('/proc/self/task').length;

describeLive('a line with lanes', () => {
  it('has as many queues on each device as lanes, and leaves nothing when it is closed before it ran', async () => {
    const { openPipeline, tap } = await builtLibrary();
    const first = await openPipeline({ ports: [tap('life0'), tap('life1')], queues: 3 });
    expect(deviceDescriptors()).toHaveLength(6);
    await first.close();
    const before = threads();
    const line = await openPipeline({ ports: [tap('life0'), tap('life1')], queues: 3 });
    expect(threads()).toBeGreaterThan(before);
    await line.close();
    await line.close();
    expect(threads()).toBe(before);
    expect(deviceDescriptors()).toEqual([]);
    await until(() => !hasLink('life0') && !hasLink('life1'), 'the devices are gone');
    await expect(line.run()).rejects.toMatchObject({ code: 'LINE_CLOSED' });
    expect(await line.summary()).toMatchObject({ read: 0, held: 0, lanes: [{ lane: 0 }, { lane: 1 }, { lane: 2 }] });
  });

  it('runs once, as long as nobody stops it', async () => {
    const { openPipeline, tun } = await builtLibrary();
    await using line = await openPipeline({ ports: { a: tun('life0'), b: tun('life1') }, queues: 2 });
    await expect(line.run({ signal: {} as AbortSignal })).rejects.toThrow(TypeError);
    const running = line.run();
    await expect(line.run()).rejects.toMatchObject({ code: 'LINE_CLOSED' });
    expect((await line.summary()).ports).toHaveProperty('a');
    await line.close();
    expect((await running).lanes).toHaveLength(2);
  });

  it('does not run when it was told to stop before', async () => {
    const { openPipeline, tun } = await builtLibrary();
    await using line = await openPipeline({ ports: [tun('life0')], queues: 2 });
    expect((await line.run({ signal: AbortSignal.abort() })).read).toBe(0);
  });

  it('gives a lane that dies while others begin all its filters, and lets it run once', async () => {
    const { openPipeline, tun } = await builtLibrary();
    const mark = join(tmpdir(), `tapline-frail-${process.pid}`);
    const messages: string[] = [];
    try {
      await using line = await openPipeline({
        ports: [tun('life0'), tun('life1')],
        queues: 2,
        filters: [await laneFilter('frail', { mark })],
        log: (message) => messages.push(message),
      });
      // The next worker is beginning now.
      await pause(20);
      const running = line.run();
      await until(async () => restartsOf(await line.summary()) === 1, 'a new worker');
      await pause(300);
      expect(line.filters.names).toEqual(['frail']);
      expect(await line.filters.state('frail')).toEqual([{ lane: 0 }, { lane: 1 }]);
      await line.close();
      expect(restartsOf(await running)).toBe(1);
      expect(messages.filter((text) => text.includes('its worker died'))).toHaveLength(1);
    } finally {
      rmSync(mark, { force: true });
    }
  });

  it('does not believe what a filter says on the port of its thread', async () => {
    const { openPipeline, tun } = await builtLibrary();
    const filters = [await laneFilter('forger', { isSecret: false })];
    await using line = await openPipeline({ ports: [tun('life0')], queues: 2, filters });
    const running = line.run();
    expect(await line.filters.state('forger')).toEqual([{ found: ['lane'] }, { found: ['lane'] }]);
    expect(await line.summary()).toMatchObject({ lost: 0, filters: [{ name: 'forger', failed: 0 }] });
    await line.close();
    expect(restartsOf(await running)).toBe(0);
  });

  it('survives a state, and refuses a configuration, that no thread can be sent', async () => {
    const { openPipeline, tun } = await builtLibrary();
    const filters = [await laneFilter('forger', { isSecret: true })];
    await using line = await openPipeline({ ports: [tun('life0')], queues: 2, filters });
    const running = line.run();
    await expect(line.filters.state('forger')).rejects.toThrow(/could not be cloned/);
    await expect(line.filters.configure('forger', { level: () => 1 })).rejects.toThrow(TypeError);
    expect((await line.summary()).lanes).toHaveLength(2);
    await line.close();
    expect(restartsOf(await running)).toBe(0);
  });

  it('closes everything again when one lane cannot begin', async () => {
    const { openPipeline, tap, tun } = await builtLibrary();
    const filters = [await laneFilter('fussy', { lane: 1 })];
    const ports = { a: tap('life0'), b: tap('life1') };
    await expect(openPipeline({ ports, queues: 2, filters })).rejects.toThrow('not in lane 1');
    const limit = await laneFilter('limit', { bytes: -1 });
    await expect(openPipeline({ ports, queues: 2, filters: [limit] })).rejects.toThrow(RangeError);
    const mixed = { a: tap('life0'), b: tun('life1') };
    await expect(openPipeline({ ports: mixed, queues: 2 })).rejects.toMatchObject({ code: 'ROUTE_KIND' });
    expect(deviceDescriptors()).toEqual([]);
    await until(() => !hasLink('life0') && !hasLink('life1'), 'the devices are gone');
  });
});
