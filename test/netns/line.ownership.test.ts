import { expect, it } from 'vitest';
import { openPipeline, openTap } from '../../src/index.ts';
import { describeLive } from './support/devices.ts';
import { pause } from './support/process.ts';

describeLive('a line and the devices that it was handed', () => {
  it('ends when one of them is closed while it runs', async () => {
    const device = await openTap({ name: 'owned0' });
    const line = await openPipeline({ ports: [device] });
    const ended = line.run();
    await pause(50);
    device.close();
    await expect(ended).rejects.toMatchObject({
      code: 'PORT_LOST',
      message: expect.stringContaining('closed') as string,
    });
    expect(device.isOpen).toBe(false);
    await using next = await openTap({ name: 'owned0' });
    // The number of the descriptor is free again: whoever gets it may wait for it.
    const aborted = next.readPacket(new Uint8Array(2048), { signal: AbortSignal.timeout(20) }).catch(() => 0);
    expect(await aborted).toBeGreaterThanOrEqual(0);
  });

  it('ends when one of them is closed in the same tick, and cannot be run when it was closed before', async () => {
    const device = await openTap();
    const line = await openPipeline({ ports: [device] });
    const ended = line.run();
    device.close();
    await expect(ended).rejects.toMatchObject({ code: 'PORT_LOST' });

    const other = await openTap();
    const never = await openPipeline({ ports: [other] });
    other.close();
    await expect(never.run()).rejects.toMatchObject({ code: 'LINE_CLOSED' });
  });

  it('refuses one on which a read waits, and closes it, as whatever it was handed when it fails', async () => {
    const device = await openTap({ up: false });
    const read = device.readPacket(new Uint8Array(2048));
    const isClosed = expect(read).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
    await expect(openPipeline({ ports: [device] })).rejects.toThrow(/somebody waits to read from it/);
    await isClosed;
    expect(device.isOpen).toBe(false);
    // One that was given up does not count.
    const other = await openTap({ up: false });
    await other.readPacket(new Uint8Array(2048), { timeoutMs: 1 }).catch(() => undefined);
    await using line = await openPipeline({ ports: [other] });
    expect(line.engine).toBeDefined();
  });

  it('shares them with no other line', async () => {
    const device = await openTap();
    const line = await openPipeline({ ports: [device] });
    const ended = line.run();
    await expect(openPipeline({ ports: { again: device } })).rejects.toThrow('it belongs to the first');
    expect(device.isOpen).toBe(true);
    await line.close();
    await expect(ended).resolves.toMatchObject({ schema: 1 });
  });

  it('lets a filter close one of them', async () => {
    const device = await openTap({ name: 'owned1' });
    const line = await openPipeline({
      ports: [device],
      filters: [
        {
          name: 'closer',
          filter() {
            device.close();
          },
        },
      ],
    });
    // The kernel greets the new interface with neighbour discovery.
    await expect(line.run()).rejects.toMatchObject({ code: 'PORT_LOST' });
    expect(device.isOpen).toBe(false);
  });
});
