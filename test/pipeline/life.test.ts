import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Line, type Packet, type Queue, type StageHost, openPipeline, queue } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { expectBalance, probe, settled, socketDevice, started, take, until } from './support/lines.ts';

async function twoQueues(): Promise<{ a: Queue; b: Queue; line: Line }> {
  const [a, b] = [queue(), queue()];
  return { a, b, line: await openPipeline({ ports: { a, b } }) };
}

describe('Line.run', () => {
  it('runs once', async () => {
    const { line } = await twoQueues();
    const running = line.run();
    await expect(line.run()).rejects.toMatchObject({
      code: 'LINE_CLOSED',
      message: 'Cannot run the line: it is running',
    });
    await line.close();
    expect(await running).toMatchObject({ schema: 1, read: 0 });
    await expect(line.run()).rejects.toThrow('it was closed');
  });

  it('ends when its signal aborts: before, while it runs, and after it has ended', async () => {
    const before = await twoQueues();
    expect(await before.line.run({ signal: AbortSignal.abort() })).toMatchObject({ read: 0 });
    await expect(before.a.send(udpFrame())).rejects.toMatchObject({ code: 'LINE_CLOSED' });

    const { a, b, line } = await twoQueues();
    const stop = new AbortController();
    const running = line.run({ signal: stop.signal });
    await a.send(udpFrame());
    await take(b, 1);
    stop.abort(new Error('the reason is not an error of the line'));
    expect(await running).toMatchObject({ read: 1, forwarded: 1, held: 0 });

    const after = await twoQueues();
    const late = new AbortController();
    const ended = after.line.run({ signal: late.signal });
    await after.line.close();
    await ended;
    late.abort();
    await after.line.close();
  });

  it('keeps the process alive, and lets go of it', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const { line } = await twoQueues();
    const before = timers();
    const running = line.run();
    expect(timers()).toBe(before + 1);
    await line.close();
    await running;
    expect(timers()).toBe(before);
  });

  it('moves what was sent before it', async () => {
    const { a, b, line } = await twoQueues();
    for (let i = 0; i < 3; i++) await a.send(udpFrame({ identification: i }));
    await nextRound();
    expect(line.summary().read).toBe(0);
    const running = line.run();
    expect(await take(b, 3)).toHaveLength(3);
    await line.close();
    await running;
  });

  it('rejects with PORT_LOST when a device is lost, and closes everything', async () => {
    const [lan, wan] = [await socketDevice('lan'), await socketDevice('wan')];
    await using run = await started({ ports: [lan.device, wan.device] });
    lan.link.send(udpFrame());
    await until(() => wan.link.receive().length === 1, 'the frame is forwarded');
    lan.link.hangUp();
    await expect(run.running).rejects.toMatchObject({ code: 'PORT_LOST', path: 'lan' });
    expect([lan.calls.at(-1), wan.calls.at(-1)]).toEqual(['close', 'close']);
    expectBalance(run.line.summary());
    await run.line.close();
  });

  it('rejects when the engine cannot start, and closes everything', async () => {
    const { device, link, calls } = await socketDevice('lan');
    const again = { ...device, close: () => calls.push('closed again') };
    const line = await openPipeline({ ports: { again, other: queue() }, engine: 'readloop' });
    // Somebody else waits for the same descriptor.
    const first = await started({ ports: [device], engine: 'readloop' });
    await expect(line.run()).rejects.toMatchObject({ code: 'SYSCALL' });
    expect(calls).toEqual(['mtu', 'mtu', 'closed again']);
    await first.stop();
    link.close();
  });

  it('says what became of everything when it ends with packets on their way', async () => {
    const { a, line } = await twoQueues();
    const running = line.run();
    const frames = Array.from({ length: 1000 }, (_, i) => udpFrame({ identification: i }));
    const sends = frames.map(async (frame) => a.send(frame).catch((error: unknown) => error));
    await until(() => line.summary().read > 0, 'some are read');
    await line.close();
    const summary = await running;
    expectBalance(summary);
    expect(summary).toMatchObject({ held: 0, reasons: { closed: summary.read } });
    const results = await Promise.all(sends);
    expect(results.filter((result) => result !== undefined).length).toBeGreaterThan(0);
    for (const result of results) if (result !== undefined) expect(result).toMatchObject({ code: 'LINE_CLOSED' });
  });
});

describe('Line.close', () => {
  it('is idempotent, in all states', async () => {
    const { line } = await twoQueues();
    await Promise.all([line.close(), line.close()]);
    await line.close();
    await line[Symbol.asyncDispose]();
    const { line: other } = await twoQueues();
    const running = other.run();
    await Promise.all([other.close(), other.close(), running]);
  });

  it('gives every slot back', async () => {
    const [a, b] = [queue(), queue()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    for (let i = 0; i < 300; i++) await a.send(udpFrame());
    await until(() => run.line.summary().read === 300, 'all are read');
    const held = b.tryReceive();
    expect(held?.length).toBe(256);
    await run.stop();
    expect(host().arena.freeCount).toBe(host().arena.slotCount);
    expect(() => held?.frame(0)).toThrow(TypeError);
  });

  it('closes devices also when a filter fails to close', async () => {
    const { device, calls } = await socketDevice('lan');
    const stages: string[] = [];
    const source = (name: string) => ({
      manifest: { name },
      open: (): ReturnType<Extract<ReturnType<typeof probe>['filter'], { open: unknown }>['open']> => ({
        judge: () => undefined,
        configure: () => undefined,
        counters: () => ({}),
        close() {
          stages.push(name);
          throw new Error(`${name} does not close`);
        },
      }),
    });
    await using run = await started({ ports: [device, queue()], routes: {}, filters: [source('one'), source('two')] });
    await expect(run.stop()).rejects.toThrow('one does not close');
    expect(stages).toEqual(['one', 'two']);
    expect(calls.at(-1)).toBe('close');
  });

  it('ends iteration, and rejects sends that wait', async () => {
    const { a, b, line } = await twoQueues();
    const running = line.run();
    const read = (async () => {
      let count = 0;
      for await (const batch of b) count += batch.length;
      return count;
    })();
    await a.send(udpFrame());
    await settled(line, 1);
    await line.close();
    await running;
    expect(await read).toBe(1);
    await expect(a.send(udpFrame())).rejects.toThrow('its line was closed');
    expect(() => a.trySend(udpFrame())).toThrow(expect.objectContaining({ code: 'LINE_CLOSED' }));
    expect([a.tryReceive(), b.tryReceive()]).toEqual([null, null]);
    for await (const batch of b) expect(batch).toBe('never');
  });
});

describe('a filter that turns to its line', () => {
  /** A line with one filter that is handed the line. */
  async function withLine(act: (line: Line, packet: Packet) => void) {
    const [a, b] = [queue(), queue()];
    const reach: { line?: Line } = {};
    const filter = {
      name: 'inside',
      filter(packet: Packet) {
        if (reach.line !== undefined) act(reach.line, packet);
      },
    };
    const run = await started({ ports: { a, b }, filters: [filter] });
    reach.line = run.line;
    return { a, b, run };
  }

  it('may close it: the batch is judged to its end, and what was judged is written', async () => {
    const { a, b, run } = await withLine((line) => void line.close());
    const reading = take(b, 0);
    for (let i = 0; i < 5; i++) await a.send(udpFrame());
    const summary = await run.running;
    await reading;
    expectBalance(summary);
    expect(summary).toMatchObject({ read: 5, held: 0, reasons: { closed: 5 } });
    expect(summary.filters[0]).toMatchObject({ packets: 5, failed: 0 });
  });

  it('may ask for the summary, which is balanced in the middle of a batch', async () => {
    const held: number[] = [];
    const { a, b, run } = await withLine((line, packet) => {
      const summary = line.summary();
      expectBalance(summary);
      held.push(summary.held);
      if (packet.isTcp) packet.drop();
    });
    run.line.filters.add({
      name: 'behind',
      filter(packet: Packet) {
        const { dropped, held: now, read } = run.line.summary();
        held.push(now);
        if (read - dropped !== now) packet.drop();
      },
    });
    for (let i = 0; i < 4; i++) await a.send(i % 2 === 0 ? udpFrame() : tcpFrame());
    const summary = await settled(run.line, 4, b);
    expect(held).toEqual([4, 4, 4, 4, 2, 2]);
    expect(summary).toMatchObject({ dropped: 2, forwarded: 2 });
    expect(summary.filters.map(({ failed }) => failed)).toEqual([0, 0]);
    await run.stop();
  });

  it('may send into it', async () => {
    const reply = udpFrame({ identification: 77 });
    const { a, b, run } = await withLine((_, packet) => {
      if (packet.inPort === 'a') expect(a.trySend(reply)).toBe(packet.identification !== 77);
    });
    const other = queue();
    expect(() => other.trySend(reply)).toThrow('it is not part of an open line');
    await b.send(udpFrame());
    expect(await take(a, 1)).toHaveLength(1);
    await run.stop();
  });
});

describe('the engine of a line', () => {
  it('that breaks its contract ends the line, and closes all', async () => {
    const [a, b] = [queue(), queue()];
    const { filter, host } = probe();
    await using run = await started({ ports: { a, b }, filters: [filter] });
    // A slot too many in a pool: as if an engine had given one back twice.
    const { arena }: StageHost = host();
    const take_ = arena.take.bind(arena);
    arena.take = (port) => (port === 0 ? 9999 : take_(port));
    expect(() => a.trySend(udpFrame())).toThrow(RangeError);
    arena.take = (port) => (port === 0 ? 600 : take_(port));
    await a.send(udpFrame());
    await expect(run.running).rejects.toMatchObject({ code: 'ENGINE_CONTRACT' });
    await expect(b.send(udpFrame())).rejects.toMatchObject({ code: 'LINE_CLOSED' });
  });
});
