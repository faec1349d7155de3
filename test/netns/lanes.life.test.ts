import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deviceDescriptors } from './support/descriptors.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { builtLibrary, laneFilter } from './support/lanes.ts';
import { until } from './support/process.ts';

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
