import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FilterLike, type Packet, type Queue, type Summary, openPipeline, queue } from '../../src/index.ts';
import { udpFrame } from '../../src/testing/index.ts';
import { type Started, expectBalance, probe, settled, started, take, until } from './support/lines.ts';
import { patternOf, segmentsOf, superOf } from './support/supers.ts';
import { VirtioFrame } from './support/virtio.ts';

/** A port that hands super-packets over, and one that takes none. */
const source = (): Queue => queue({ virtioHeader: true, offloads: 'all' });
const plain = (): Queue => queue({ frameBytes: 2000 });
const noHeader = new Uint8Array(12);
/** An ordinary frame as `source` takes it. */
const ordinary = (frame: Uint8Array): Uint8Array => Uint8Array.from([...noHeader, ...frame]);

it('a port uses all offloads that it was granted, whatever the others take', async () => {
  const [a, b, c] = [source(), queue({ virtioHeader: true, offloads: ['csum', 'tso4'] }), plain()];
  const line = await openPipeline({ ports: { a, b, c }, routes: { a: 'b', b: 'c' } });
  expect(line.ports.get('a')?.offloads).toEqual(['csum', 'tso4', 'tso6', 'tsoEcn', 'uso4', 'uso6']);
  expect(line.ports.get('b')).toEqual({ name: 'b', offloads: ['csum', 'tso4'], target: b });
  expect(line.ports.get('c')?.offloads).toEqual([]);
  await line.close();
});

describe('a super-packet for a port that does not take it', () => {
  it('leaves as segments with checksums of their own, and each but one counts as made', async () => {
    const [a, b] = [source(), plain()];
    await using run = await started({ ports: { a, b } });
    const payload = patternOf(10_000);
    await a.send(superOf(payload, 1448));
    expect(await take(b, 7)).toEqual(segmentsOf(payload, 1448));
    const summary = await settled(run.line, 1, b);
    expect(summary).toMatchObject({ read: 1, made: 6, forwarded: 7, dropped: 0, lost: 0 });
    expect(summary.ports['b']).toMatchObject({ forwarded: 7 });
  });

  it('keeps its place among the packets before and behind it', async () => {
    const [a, b] = [source(), plain()];
    const seen: number[] = [];
    const filter = {
      name: 'some',
      filter(packet: Packet) {
        seen.push(packet.identification);
        if (packet.identification % 5 === 4) return packet.drop();
        return packet.identification % 5 === 3 ? packet.accept() : undefined;
      },
    };
    await using run = await started({ ports: { a, b }, filters: [filter] });
    const wanted: Uint8Array[] = [];
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 200; i++) {
      const payload = patternOf(100 + i * 13, i);
      const frame = udpFrame({ identification: i, payload });
      sent.push(i % 3 === 0 ? superOf(payload, 90, i) : ordinary(frame.slice(0, 1500)));
      if (i % 5 === 4) continue;
      if (i % 3 === 0) wanted.push(...segmentsOf(payload, 90, i));
      else wanted.push(frame.slice(0, 1500));
    }
    const sending = Promise.all(sent.map(async (frame) => a.send(frame)));
    expect(await take(b, wanted.length)).toEqual(wanted);
    await sending;
    expect(seen).toHaveLength(200);
    const summary = await settled(run.line, 200, b);
    expect(summary.dropped).toBe(40);
  });

  it('may be of one byte a segment, 65,000 of them, and everybody else gets through', async () => {
    const [a, b, c] = [source(), plain(), plain()];
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b', c: 'b' } });
    for (const gsoSize of [1, 8]) {
      const payload = patternOf(65_000, gsoSize);
      const read = run.line.summary().read;
      await a.send(superOf(payload, gsoSize));
      const other = udpFrame({ identification: gsoSize });
      await c.send(other);
      const frames = await readAll(run, b, 65_000 / gsoSize + 1);
      expect(frames.find((frame) => frame[23] === 17)).toEqual(other);
      const own = frames.filter((frame) => frame[23] === 6);
      expect(Buffer.compare(Buffer.concat(own.map((frame) => frame.subarray(54))), payload)).toBe(0);
      const { reasons } = await settled(run.line, read + 2, b);
      expect(reasons).toEqual({});
    }
  });

  it('is dropped where a segment is longer than a slot, or the end is missing, or the checksum elsewhere', async () => {
    const [a, b] = [queue({ virtioHeader: true, offloads: 'all', frameBytes: 5000 }), plain()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    await a.send(superOf(patternOf(4900), 4899));
    await take(b, 2);
    const { arena } = host();
    expect(arena.freeCount).toBeGreaterThan(0);
    const cut = superOf(patternOf(3000), 1000);
    await a.send(cut.slice(0, -1));
    await a.send(VirtioFrame.partial(udpFrame({ payload: 'x'.repeat(100) }), { gsoType: 5, gsoSize: 10 }));
    const { reasons, made } = await settled(run.line, 3, b);
    expect(reasons).toEqual({ badOffload: 2 });
    expect(made).toBe(1);
  });

  it('is cut for a port to which it is redirected or reflected, with all that filters pushed', async () => {
    const [a, b, c] = [source(), source(), plain()];
    const away = {
      name: 'away',
      filter(packet: Packet) {
        packet.push(4);
        for (let at = 0; at < 12; at++) packet.setU8(at, packet.u8(at + 4));
        packet.setU32(12, 0x8100_0064);
        return packet.redirect('c');
      },
    };
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b' }, filters: [away] });
    const payload = patternOf(5000);
    await a.send(superOf(payload, 1448));
    const tagged = segmentsOf(payload, 1448).map((frame) =>
      Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 100, ...frame.subarray(12)]),
    );
    expect(await take(c, 4)).toEqual(tagged);
    await settled(run.line, 1, b, c);
  });
});

describe('a filter that wants segments', () => {
  const segments = (name: string, judge: FilterBody): FilterLike => ({ name, superPackets: 'segments', filter: judge });

  it('judges each, and what it drops is gone alone', async () => {
    const [a, b] = [source(), source()];
    const sizes: (readonly [string, number, boolean])[] = [];
    const note = (packet: Packet, name: string): void => {
      sizes.push([name, packet.payloadLength, packet.isSuper]);
    };
    const filters: FilterLike[] = [
      {
        name: 'before',
        filter(packet: Packet) {
          note(packet, 'before');
          packet.mark = 77;
        },
      },
      segments('middle', (packet) => {
        note(packet, 'middle');
        return packet.sequence === (0xffff_ff00 + 1000) >>> 0 || packet.mark !== 77 ? packet.drop() : undefined;
      }),
      {
        name: 'behind',
        filter: (packet: Packet) => {
          note(packet, 'behind');
          packet.ttl = 9;
        },
      },
    ];
    await using run = await started({ ports: { a, b }, filters });
    await a.send(superOf(patternOf(2500), 1000));
    const [first, last] = await take(b, 2);
    // The port takes partial checksums, so that is how they leave.
    expect([first?.[0], last?.[0]]).toEqual([1, 1]);
    expect([first?.length, last?.length]).toEqual([12 + 54 + 1000, 12 + 54 + 500]);
    expect(first?.[12 + 22]).toBe(9);
    expect(sizes).toEqual([
      ['before', 2500, true],
      ['middle', 1000, false],
      ['middle', 1000, false],
      ['middle', 500, false],
      ['behind', 1000, false],
      ['behind', 500, false],
    ]);
    const summary = await settled(run.line, 1, b);
    expect(summary).toMatchObject({ made: 2, forwarded: 2, dropped: 1 });
    expect(summary.filters.map(({ packets }) => packets)).toEqual([1, 3, 2]);
  });

  it('leaves alone what an earlier filter has decided, which leaves whole where it can', async () => {
    const [a, b, c] = [source(), source(), plain()];
    const filters: FilterLike[] = [
      {
        name: 'decides',
        filter(packet: Packet) {
          if (packet.identification === 1) return packet.accept();
          if (packet.identification === 2) return packet.drop();
          return packet.identification === 3 ? packet.redirect('c') : undefined;
        },
      },
      segments('sees', (packet) => (packet.isSuper ? packet.drop() : undefined)),
    ];
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b' }, filters });
    const payload = patternOf(300);
    for (const identification of [1, 2, 3, 4]) await a.send(superOf(payload, 100, identification));
    expect((await take(b, 4)).map((frame) => frame.length)).toEqual([366, 166, 166, 166]);
    expect(await take(c, 3)).toEqual(segmentsOf(payload, 100, 3));
    const summary = await settled(run.line, 4, b, c);
    expect(summary).toMatchObject({ made: 4, forwarded: 7, dropped: 1 });
    expect(summary.filters[1]).toMatchObject({ packets: 3, dropped: 0 });
  });

  it('sees no super-packet that cannot be cut', async () => {
    const [a, b] = [source(), source()];
    await using run = await started({ ports: { a, b }, filters: [segments('sees', () => undefined)] });
    const broken = superOf(patternOf(300), 100);
    broken[0] = 0;
    await a.send(broken);
    await a.send(superOf(patternOf(300), 100).slice(0, -1));
    const summary = await settled(run.line, 2, b);
    expect(summary.reasons).toEqual({ badOffload: 2 });
    expect(summary.filters[0]?.packets).toBe(0);
  });

  it('sees one list of filters, whatever is changed between two portions', async () => {
    const [a, b] = [source(), plain()];
    let judged = 0;
    const counts = segments('counts', () => {
      judged++;
    });
    await using run = await started({ ports: { a, b }, filters: [counts] });
    await a.send(superOf(patternOf(20_000), 8));
    await until(() => judged > 0, 'the first portion is judged');
    expect(judged).toBeLessThan(2500);
    run.line.filters.remove('counts');
    run.line.filters.add({ name: 'none', filter: (packet: Packet) => packet.drop() });
    await readAll(run, b, 2500);
    expect(judged).toBe(2500);
    const summary = await settled(run.line, 1, b);
    expect(summary.filters.map(({ name, packets }) => [name, packets])).toEqual([['none', 0]]);
  });
});

describe('mirrored super-packets', () => {
  it('are copied in segments for a port that takes none, and counted one by one', async () => {
    const [a, b, c] = [source(), source(), plain()];
    const mirror = mirrorTo('c');
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b' }, filters: [mirror] });
    const payload = patternOf(60_000);
    await a.send(superOf(payload, 150));
    await a.send(ordinary(udpFrame()));
    expect(await take(c, 401)).toEqual([...segmentsOf(payload, 150), udpFrame()]);
    expect((await take(b, 2)).map((frame) => frame.length)).toEqual([60_066, udpFrame().length + 12]);
    await until(() => run.line.summary().mirrored === 401, 'the copies are counted');
    expect(await settled(run.line, 2, b, c)).toMatchObject({ made: 0, forwarded: 2, mirrorsLost: 0 });
  });

  it('are not copied where that would take too long', async () => {
    const [a, b, c] = [source(), source(), plain()];
    const mirror = mirrorTo('c');
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b' }, filters: [mirror] });
    await a.send(superOf(patternOf(3000), 1));
    expect(await settled(run.line, 1, b, c)).toMatchObject({ mirrored: 0, mirrorsLost: 1, forwarded: 1 });
  });
});

describe('the counters of a line that cuts', () => {
  it('add up at any moment: in a filter, between two portions, and when the line ends meanwhile', async () => {
    const [a, b] = [source(), plain()];
    let asked = 0;
    const asks: FilterLike = {
      name: 'asks',
      superPackets: 'segments',
      filter(packet: Packet) {
        if (asked++ % 50 === 0) expectSum(run.line.summary());
        return packet.sequence % 7 === 0 ? packet.drop() : undefined;
      },
    };
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter, asks] });
    for (let i = 0; i < 20; i++) await a.send(superOf(patternOf(65_000, i), 64));
    for (let round = 0; round < 20; round++) {
      b.tryReceive();
      await nextRound();
      expectSum(run.line.summary());
    }
    expect(run.log).toEqual([]);
    expect(run.line.summary().held).toBeGreaterThan(0);
    const { arena } = host();
    const summary = await run.stop();
    expectBalance(summary);
    expect(summary.held).toBe(0);
    expect(summary.read).toBe(20);
    expect(arena.freeCount).toBe(arena.slotCount);
  });

  it('end a line within a bounded time, and what was not cut by then is dropped as closed', async () => {
    const [a, b] = [source(), plain()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    for (let i = 0; i < 60; i++) await a.send(superOf(patternOf(65_000, i), 1));
    await until(() => run.line.summary().made > 0, 'the first portion is made');
    const summary = await run.stop();
    expectBalance(summary);
    expect(summary.reasons['closed']).toBeGreaterThan(0);
    expect(summary.held).toBe(0);
    expect(host().arena.freeCount).toBe(host().arena.slotCount);
  });

  it('a reader that stays away costs its frames, not those of others', async () => {
    const [a, b, c] = [source(), plain(), plain()];
    const split = {
      name: 'split',
      filter: (packet: Packet) => (packet.identification % 2 === 0 ? packet.redirect('c') : undefined),
    };
    await using run = await started({ ports: { a, b, c }, routes: { a: 'b' }, filters: [split] });
    const payload = patternOf(65_000);
    for (let i = 0; i < 20; i++) {
      await a.send(superOf(payload, 1000, i * 1000));
      await a.send(superOf(payload, 1000, i * 1000 + 1));
    }
    let received = 0;
    await until(() => {
      for (let batch = c.tryReceive(); batch !== null; batch = c.tryReceive()) received += batch.length;
      const { read, forwarded, lost, held } = run.line.summary();
      return read === 40 && forwarded + lost + held === 2600 && received === 1300;
    }, 'one reader gets all');
    const summary = await settled(run.line, 40, b, c);
    expect(summary.forwarded + summary.lost).toBe(2600);
    expect(summary.ports['c']).toMatchObject({ forwarded: 1300, lost: 0 });
    expect(summary.ports['b']?.lost).toBeGreaterThan(0);
    expect(Object.keys(summary.reasons)).toEqual(['txFull']);
  });
});

function mirrorTo(port: string): FilterLike {
  return {
    name: 'mirror',
    filter(packet: Packet) {
      packet.mirror(port);
    },
  };
}

type FilterBody = (packet: Packet) => ReturnType<Extract<FilterLike, { filter: unknown }>['filter']>;

function expectSum({ read, made, forwarded, dropped, lost, merged, held }: Summary): void {
  expect(read + made).toBe(forwarded + dropped + lost + merged + held);
  expect(held).toBeGreaterThanOrEqual(0);
}

/** Reads as fast as the line lets come. */
async function readAll(run: Started, from: Queue, count: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const deadline = performance.now() + 50_000;
  while (frames.length < count) {
    for (let batch = from.tryReceive(); batch !== null; batch = from.tryReceive()) {
      for (const frame of batch) frames.push(frame.slice());
    }
    if (performance.now() > deadline)
      throw new Error(`${frames.length} of ${count}: ${JSON.stringify(run.line.summary())}`);
    await nextRound();
  }
  return frames;
}
