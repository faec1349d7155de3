import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Arena } from '../../src/core/arena.ts';
import { openTap } from '../../src/device/open.ts';
import type { EnginePort, SlotSource } from '../../src/engine/engine.ts';
import { Uring } from '../../src/engine/uring/uring.ts';
import { openPipeline, queue } from '../../src/index.ts';
import { errnos } from '../../src/sys/errno.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { type EngineFixture, engineSuite } from '../../src/testing/index.ts';
import { collectGarbage, hasLink, openDescriptors, sh, testFrame, withoutIpv6 } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { type Tap, closeTaps, openPeer, openTaps, overTaps } from './support/taps.ts';

const plan = { link: 1, headerBytes: 0, frameBytes: 1538, slots: 512, offloads: 0 } as const;
const PORT: EnginePort = { number: 0, name: 'one' };

async function openUring(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const libc = await loadLibc();
  return overTaps(await openTaps(libc, ports), ports, (fdPorts) => Uring.open(libc, slots, fdPorts));
}

/** The same with rings so short that a batch never fits. */
async function openShort(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const libc = await loadLibc();
  const sizes = { submissions: 16, completions: 64 };
  return overTaps(await openTaps(libc, ports), ports, (fdPorts) => Uring.open(libc, slots, fdPorts, { sizes }));
}

async function openBusy(slots: SlotSource, ports: readonly EnginePort[]): Promise<EngineFixture> {
  const libc = await loadLibc();
  return overTaps(await openTaps(libc, ports), ports, (fdPorts) => Uring.open(libc, slots, fdPorts, { busyPoll: 200 }));
}

let restoreIpv6: () => void = () => undefined;
beforeAll(() => {
  restoreIpv6 = withoutIpv6();
});
afterAll(() => {
  restoreIpv6();
});

engineSuite('Uring over TAP devices', { describe: describeLive, it }, openUring);
engineSuite('Uring with short rings', { describe: describeLive, it }, openShort);
engineSuite('Uring with busy polling', { describe: describeLive, it }, openBusy);

/** An engine over one TAP device, and how to write a frame by it. */
async function openOne(name: string): Promise<{ tap: Tap; arena: Arena; engine: Uring; write: () => number }> {
  const libc = await loadLibc();
  const [tap] = await openTaps(libc, [{ number: 0, name }]);
  if (tap === undefined) throw new Error('No tap');
  const arena = new Arena([{ ...plan, port: 0 }]);
  const engine = await Uring.open(libc, arena, [{ ...PORT, fd: tap.device.fd }]);
  const write = (): number => {
    const slot = arena.take(0);
    const offset = arena.readOffset(0);
    arena.bytes.set(testFrame(60), arena.address(slot) + offset);
    engine.outbound.set([slot, 0, 60, offset]);
    engine.turn(1, 0);
    for (let i = 0; i < engine.doneCount; i++) arena.release(engine.done[i * 4] ?? -1);
    return engine.doneCount === 1 ? (engine.done[3] ?? -1) : -1;
  };
  return { tap, arena, engine, write };
}

describeLive('Uring over TAP devices', () => {
  it('sees an interface go down and up again', async () => {
    const { tap, arena, engine, write } = await openOne('flap');
    engine.start({ ready: () => undefined });
    for (let round = 0; round < 20; round++) {
      expect([write(), engine.portState(0)]).toEqual([0, 'up']);
      tap.device.setUp(false);
      expect([write(), engine.portState(0)]).toEqual([errnos.EIO, 'down']);
      tap.device.setUp(true);
    }
    // The packet socket has yet to tell that the interface was down.
    await expect.poll(() => tap.peer.send(testFrame(60, 7))).toBe(true);
    await expect.poll(() => engine.turn(0, 8)).toBe(1);
    arena.release(engine.inbound[0] ?? -1);
    engine.close();
    expect(arena.freeCount).toBe(arena.slotCount);
    closeTaps([tap]);
  });

  it('lets go of its devices when it is closed: 200 of 200 can be opened again at once', async () => {
    let opened = 0;
    for (let round = 0; round < 200; round++) {
      const { tap, engine } = await openOne('again');
      engine.start({ ready: () => undefined });
      for (let i = 0; i < 4; i++) tap.peer.send(testFrame(60, i));
      engine.close();
      closeTaps([tap]);
      if (!hasLink('eng-again')) opened++;
    }
    expect(opened).toBe(200);
  });

  it('leaves nothing behind: 1,000 times opened and closed', async () => {
    const libc = await loadLibc();
    const taps = await openTaps(libc, [PORT, { number: 1, name: 'two' }]);
    const ports = taps.map(({ device }, number) => ({ number, name: device.name, fd: device.fd }));
    const before = { descriptors: 0, mappings: 0, bytes: 0 };
    for (let round = 0; round < 1000; round++) {
      const arena = new Arena(ports.map(({ number }) => ({ ...plan, slots: 8, port: number })));
      const engine = await Uring.open(libc, arena, ports);
      engine.start({ ready: () => undefined });
      for (const { peer } of taps) peer.send(testFrame(60, round));
      const count = engine.turn(0, 8);
      for (let i = 0; i < count; i++) arena.release(engine.inbound[i * 4] ?? -1);
      engine.close();
      expect([count, arena.freeCount]).toEqual([2, arena.slotCount]);
      if (round % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      // By then the event loop has its own descriptors, and the heap its size.
      if (round === 200) Object.assign(before, await resources());
    }
    const after = await resources();
    expect(after.descriptors).toBe(before.descriptors);
    expect(after.mappings - before.mappings).toBeLessThan(100);
    expect((after.bytes - before.bytes) / 2 ** 20).toBeLessThan(32);
    closeTaps(taps);
  });

  it('serves lines that are opened, run and closed, and lines whose device is deleted', async () => {
    for (let round = 0; round < 50; round++) {
      const libc = await loadLibc();
      const device = await openTap({ name: 'eng-line' });
      const peer = openPeer(libc, device.index);
      const out = queue();
      const line = await openPipeline({ ports: { device, out }, engine: 'uring', log: () => undefined });
      expect(line.engine).toBe('uring + loopback');
      const running = line.run();
      peer.send(testFrame(100, round));
      for await (const batch of out) {
        expect([...batch.frame(0)]).toEqual([...testFrame(100, round)]);
        break;
      }
      if (round % 2 === 0) await line.close();
      else sh('ip', 'link', 'del', 'eng-line');
      if (round % 2 === 0) expect(await running).toMatchObject({ read: 1, forwarded: 1 });
      else await expect(running).rejects.toMatchObject({ code: 'PORT_LOST' });
      peer.close();
      expect(hasLink('eng-line')).toBe(false);
    }
  });
});

/** What this process holds, once memories that nobody has any more are gone. */
async function resources(): Promise<{ descriptors: number; mappings: number; bytes: number }> {
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    descriptors: openDescriptors(),
    mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
    bytes: process.memoryUsage.rss(),
  };
}
