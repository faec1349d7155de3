import { afterAll, beforeAll, expect, it } from 'vitest';
import { Arena } from '../../src/core/arena.ts';
import { openTap } from '../../src/device/open.ts';
import type { EnginePort, SlotSource } from '../../src/engine/engine.ts';
import { ReadLoop } from '../../src/engine/readloop.ts';
import { openPipeline, queue } from '../../src/index.ts';
import { errnos } from '../../src/sys/errno.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { type EngineFixture, engineSuite } from '../../src/testing/index.ts';
import { ip, openDescriptors, testFrame, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { openPeer, openTaps, overTaps } from './support/taps.ts';

async function openReadLoop(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const libc = await loadLibc();
  return overTaps(await openTaps(libc, ports), ports, (fdPorts) => new ReadLoop(libc, slots, fdPorts));
}

let restoreIpv6: () => void = () => undefined;
beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});

engineSuite('ReadLoop over TAP devices', { describe: describeLive, it }, openReadLoop);

describeLive('ReadLoop over TAP devices', () => {
  const plan = { link: 1, headerBytes: 0, frameBytes: 1538, slots: 8, offloads: 0 } as const;

  it('sees an interface go down and up again', async () => {
    const libc = await loadLibc();
    const [tap] = await openTaps(libc, [{ number: 0, name: 'flap' }]);
    if (tap === undefined) return;
    const arena = new Arena([{ ...plan, port: 0 }]);
    const engine = new ReadLoop(libc, arena, [{ number: 0, name: 'flap', fd: tap.device.fd }]);
    const write = (): number => {
      const slot = arena.take(0);
      const offset = arena.readOffset(0);
      arena.bytes.set(testFrame(60), arena.address(slot) + offset);
      engine.outbound.set([slot, 0, 60, offset]);
      engine.turn(1, 0);
      arena.release(slot);
      return engine.done[3] ?? -1;
    };
    expect([write(), engine.portState(0)]).toEqual([0, 'up']);
    tap.device.setUp(false);
    expect([write(), engine.portState(0)]).toEqual([errnos.EIO, 'down']);
    tap.device.setUp(true);
    expect([write(), engine.portState(0)]).toEqual([0, 'up']);
    engine.close();
    tap.peer.close();
    tap.device.close();
  });

  it('leaves nothing behind: 1,000 times opened and closed', async () => {
    const libc = await loadLibc();
    const taps = await openTaps(libc, [
      { number: 0, name: 'one' },
      { number: 1, name: 'two' },
    ]);
    const ports = taps.map(({ device }, number) => ({ number, name: device.name, fd: device.fd }));
    let before = 0;
    for (let round = 0; round < 1000; round++) {
      const arena = new Arena(ports.map(({ number }) => ({ ...plan, port: number })));
      const engine = new ReadLoop(libc, arena, ports);
      engine.start({ ready: () => undefined });
      for (const { peer } of taps) peer.send(testFrame(60, round));
      const count = engine.turn(0, 8);
      for (let i = 0; i < count; i++) arena.release(engine.inbound[i * 4] ?? -1);
      engine.close();
      expect([count, arena.freeCount]).toEqual([2, arena.slotCount]);
      // The event loop opens descriptors of its own with the first watcher.
      if (round === 0) before = openDescriptors();
      if (round % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(openDescriptors()).toBe(before);
    for (const { device, peer } of taps) {
      peer.close();
      device.close();
    }
  });

  it('lines leave nothing behind: 50 times opened, run and closed', async () => {
    let before = 0;
    for (let round = 0; round < 50; round++) {
      const libc = await loadLibc();
      const device = await openTap({ name: 'eng-line' });
      const peer = openPeer(libc, device.index);
      const out = queue();
      const line = await openPipeline({ ports: { device, out }, log: () => undefined });
      const running = line.run();
      peer.send(testFrame(100, round));
      for await (const batch of out) {
        expect([...batch.frame(0)]).toEqual([...testFrame(100, round)]);
        break;
      }
      await line.close();
      expect(await running).toMatchObject({ read: 1, forwarded: 1 });
      peer.close();
      if (round === 0) before = openDescriptors();
    }
    expect(openDescriptors()).toBe(before);
    expect(ip('link').filter(({ ifname }) => String(ifname).startsWith('eng-'))).toEqual([]);
  });
});
