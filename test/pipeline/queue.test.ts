import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FrameBatch, type Packet, type Queue, openPipeline, queue } from '../../src/index.ts';
import { udpFrame } from '../../src/testing/index.ts';
import { drain, probe, settled, socketDevice, started, take, until } from './support/lines.ts';

const frame = (number: number): Uint8Array => udpFrame({ identification: number & 0xffff });

describe('Queue.send', () => {
  it('refuses what is no frame, or is too long', async () => {
    const [a, b] = [queue({ frameBytes: 100 }), queue()];
    await using run = await started({ ports: { a, b } });
    const hostile = ['text', [1, 2], new ArrayBuffer(60), null, undefined, new Uint16Array(30)];
    for (const wrong of hostile as unknown[] as Uint8Array[]) {
      expect(() => a.trySend(wrong)).toThrow(TypeError);
      await expect(a.send(wrong)).rejects.toThrow(TypeError);
    }
    for (const bytes of [0, 101]) expect(() => a.trySend(new Uint8Array(bytes))).toThrow('1 to 100 bytes');
    expect([a.trySend(new Uint8Array(100)), a.trySend(Buffer.alloc(60))]).toEqual([true, true]);
    expect((await take(b, 2)).map(({ length }) => length)).toEqual([100, 60]);
    expect(() => b.trySend(new Uint8Array(1539))).toThrow('1 to 1538 bytes');
    await run.stop();
  });

  it('copies: the frame may be used again at once', async () => {
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b } });
    const buffer = frame(1);
    const sent = buffer.slice();
    await a.send(buffer);
    buffer.fill(0);
    expect(await take(b, 1)).toEqual([sent]);
    await run.stop();
  });

  it('waits for room, which is the back-pressure, and keeps order', async () => {
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b } });
    let done = 0;
    const sends = Array.from({ length: 2000 }, async (_, i) => {
      await a.send(frame(i));
      done++;
    });
    for (let i = 0; i < 20; i++) await nextRound();
    expect(done).toBe(512);
    expect(a.trySend(frame(0))).toBe(false);
    expect(run.line.summary()).toMatchObject({ read: 512, forwarded: 0, held: 512, lost: 0 });
    expect(await take(b, 2000)).toEqual(Array.from({ length: 2000 }, (_, i) => frame(i)));
    await Promise.all(sends);
    expect(await settled(run.line, 2000)).toMatchObject({ forwarded: 2000, lost: 0 });
  });

  it('before run waits for it', async () => {
    const [a, b] = [queue(), queue()];
    const line = await openPipeline({ ports: { a, b } });
    let count = 0;
    while (a.trySend(frame(count))) count++;
    expect(count).toBe(512);
    const waiting = a.send(frame(count));
    const running = line.run();
    await take(b, 513);
    await waiting;
    await line.close();
    await running;
  });

  it('fails before the line is open', async () => {
    const a = queue();
    await expect(a.send(frame(0))).rejects.toMatchObject({ code: 'LINE_CLOSED' });
    expect(() => a.trySend(frame(0))).toThrow('it is not part of an open line');
    expect(a.tryReceive()).toBeNull();
    await expect(firstBatch(a)).rejects.toMatchObject({ code: 'LINE_CLOSED' });
  });
});

async function firstBatch(source: Queue): Promise<FrameBatch | undefined> {
  for await (const batch of source) return batch;
  return undefined;
}

describe('a batch', () => {
  it('is valid until the next one is taken', async () => {
    const [a, b] = [queue(), queue()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    for (let i = 0; i < 400; i++) await a.send(frame(i));
    await until(() => run.line.summary().read === 400, 'all are read');
    const first = b.tryReceive();
    const views = [...(first ?? [])];
    expect([first?.length, views.length]).toEqual([256, 256]);
    // Others pass through the line meanwhile.
    for (let i = 0; i < 100; i++) await a.send(frame(1000 + i));
    await nextRound();
    expect(views).toEqual(Array.from({ length: 256 }, (_, i) => frame(i)));
    expect(first?.frame(255)).toEqual(frame(255));
    for (const index of [-1, 256, NaN]) expect(() => first?.frame(index)).toThrow(RangeError);
    expect(views[0]?.buffer).toBe(host().arena.memory.buffer);
    const second = b.tryReceive();
    expect(second?.frame(0)).toEqual(frame(256));
    expect(() => first?.frame(0)).toThrow('has ended');
    await settled(run.line, 500, b);
  });

  it('is given back by a loop that is left', async () => {
    const [a, b] = [queue(), queue()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 10; i++) await a.send(frame(i));
      for await (const batch of b) {
        expect(batch.frame(0)).toEqual(frame(0));
        break;
      }
      await settled(run.line, 10 * (round + 1), b);
      expect(host().arena.freeCount).toBe(host().arena.slotCount);
    }
    await expect(
      (async () => {
        await a.send(frame(1));
        for await (const batch of b) throw new Error(`${batch.length} frame`);
      })(),
    ).rejects.toThrow('1 frame');
    expect(await settled(run.line, 31)).toMatchObject({ forwarded: 31 });
  });

  it('belongs to one loop at a time', async () => {
    const [a, b] = [queue(), queue()];
    await using run = await started({ ports: { a, b } });
    const first = firstBatch(b);
    await expect(firstBatch(b)).rejects.toThrow('twice at a time');
    await a.send(frame(1));
    expect((await first)?.length).toBe(1);
    const next = firstBatch(b);
    await a.send(frame(2));
    expect((await next)?.length).toBe(1);
    await run.stop();
  });
});

describe('a reader that stays away', () => {
  /** What comes in by `lan` goes to `wan`, but for odd numbers, which go to a queue. */
  async function forked() {
    const [lan, wan] = [await socketDevice('lan'), await socketDevice('wan')];
    const tap = queue();
    const filter = {
      name: 'fork',
      filter: (packet: Packet) => (packet.identification % 2 === 1 ? packet.redirect('tap') : undefined),
    };
    const run = await started({
      ports: { lan: lan.device, wan: wan.device, tap },
      routes: { lan: 'wan', wan: 'lan' },
      filters: [filter],
    });
    return { lan, wan, tap, run };
  }

  it('loses frames with txFull beyond 512, and keeps nobody else from passing', async () => {
    const { lan, wan, tap, run } = await forked();
    let passed = 0;
    for (let i = 0; i < 3000; i++) {
      await until(() => {
        passed += wan.link.receive().length;
        return lan.link.send(frame(i));
      }, `frame ${i} is taken`);
    }
    await until(() => {
      passed += wan.link.receive().length;
      return run.line.summary().read === 3000 && passed === 1500;
    }, 'the others pass');
    const { lost, reasons, held } = run.line.summary();
    expect([passed, lost, reasons, held]).toEqual([1500, 988, { txFull: 988 }, 512]);
    expect(await take(tap, 512)).toEqual(Array.from({ length: 512 }, (_, i) => frame(2 * i + 1)));
    expect(await settled(run.line, 3000)).toMatchObject({ forwarded: 2012, lost: 988 });
    await run.stop();
  });

  it('with two others ends the reading of a device, until one of them comes back', async () => {
    const lan = await socketDevice('lan');
    const [one, two, three] = [queue(), queue(), queue()];
    const filter = { name: 'fork', filter: (packet: Packet) => packet.redirect(1 + (packet.identification % 3)) };
    await using run = await started({ ports: { lan: lan.device, one, two, three }, routes: {}, filters: [filter] });
    let sent = 0;
    while (run.line.summary().held < 1536) {
      if (lan.link.send(frame(sent))) sent++;
      await nextRound();
    }
    for (let i = 0; i < 20; i++) if (lan.link.send(frame(sent))) sent++;
    for (let i = 0; i < 10; i++) await nextRound();
    expect(run.line.summary()).toMatchObject({ read: 1536, held: 1536, lost: 0 });
    const first = await take(one, 512);
    expect(first).toEqual(Array.from({ length: 512 }, (_, i) => frame(3 * i)));
    await until(() => run.line.summary().read === sent, 'the rest is read');
    await settled(run.line, sent, one, two, three);
  });

  it('is served again as soon as it comes back', async () => {
    const { lan, tap, run } = await forked();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 600; i++) await until(() => lan.link.send(frame(2 * i + 1)), 'a frame is taken');
      await until(() => run.line.summary().read === 600 * (round + 1), 'all are read');
      expect(drain(tap)).toBe(512);
    }
    expect(await settled(run.line, 1800)).toMatchObject({ forwarded: 3 * 512, lost: 3 * 88 });
    await run.stop();
  });
});

describe('a queue', () => {
  it('stands in one line only', async () => {
    const a = queue();
    const first = await openPipeline({ ports: { a } });
    await expect(openPipeline({ ports: { a, b: queue() } })).rejects.toThrow('make one for each');
    await first.close();
    await expect(openPipeline({ ports: { a } })).rejects.toThrow(TypeError);
  });

  it('cuts nothing: a frame of exactly frameBytes passes', async () => {
    for (const frameBytes of [64, 1538, 65_600]) {
      const [a, b] = [queue({ frameBytes }), queue()];
      await using run = await started({ ports: { a, b } });
      const full = new Uint8Array(frameBytes).fill(0xa5);
      await a.send(full);
      expect(await take(b, 1)).toEqual([full]);
      expect((await run.stop()).dropped).toBe(0);
    }
  });
});
