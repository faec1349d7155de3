import { availableParallelism } from 'node:os';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Line,
  type LanesLine,
  type LanesPipeline,
  type Pipeline,
  capture,
  discard,
  file,
  openPipeline,
  pcapFilter,
  queue,
  tap,
} from '../../src/index.ts';
import { socketDevice } from '../pipeline/support/lines.ts';

// Nothing here opens a device: it is refused before, or cannot be opened without rights, and says so in another way.

const ports = { a: tap('a'), b: tap('b') };
const open = (pipeline: unknown): Promise<LanesLine> => openPipeline(pipeline as LanesPipeline);

describe('openPipeline with queues', () => {
  it.each([0, 65, -1, 1.5, '2', null, NaN])('refuses %s of them', async (queues) => {
    await expect(open({ ports, queues })).rejects.toThrow(RangeError);
  });

  it.each([0, 99, 600_001, '1000', NaN])('refuses a watchdog of %s ms', async (watchdogMs) => {
    await expect(open({ ports, queues: 2, watchdogMs })).rejects.toThrow(/watchdogMs/);
  });

  it('refuses what belongs to one thread', async () => {
    const others = [queue(), file('in.pcap'), capture('out.pcap'), discard(), (await socketDevice('open')).device];
    for (const port of others) {
      await expect(open({ ports: { a: tap('a'), port }, queues: 2 })).rejects.toThrow(
        /Cannot use port port with queues/,
      );
    }
    await expect(open({ ports, queues: 2, record: capture('x.pcapng') })).rejects.toThrow(/with record and queues/);
    await expect(open({ ports: [tap('a'), {}], queues: 2 })).rejects.toThrow(TypeError);
  });

  it('refuses filters that cannot be sent to a thread, and says what to do', async () => {
    const plain = { name: 'plain', filter: () => undefined };
    const remedy = /Cannot use filter plain .*await filterFrom\(new URL\('.\/plain.js', import.meta.url\)\)/;
    await expect(open({ ports, queues: 2, filters: [plain] })).rejects.toThrow(remedy);
    const guarded = { when: 'udp', filter: plain };
    await expect(open({ ports, queues: 2, filters: [guarded] })).rejects.toThrow(remedy);
    const when = { open: () => ({ split: (count: number) => count }) };
    const otherwise = { when, filter: pcapFilter('udp') };
    await expect(open({ ports, queues: 2, filters: [otherwise] })).rejects.toThrow(/guard of pcap.*as an expression/);
    const resolver = { addresses: () => [] };
    const asks = pcapFilter('udp', { resolver });
    await expect(open({ ports, queues: 2, filters: [asks] })).rejects.toThrow(/Cannot use filter pcap/);
    await expect(open({ ports, queues: 2, filters: pcapFilter('udp') })).rejects.toThrow('filters must be a list');
    await expect(open({ ports, queues: 2, filters: [7] })).rejects.toThrow(TypeError);
  });

  it('refuses what any line refuses', async () => {
    await expect(open({ ports, queues: 2, filtres: [] })).rejects.toThrow("did you mean 'filters'?");
    await expect(open({ ports, queue: 2 })).rejects.toThrow("did you mean 'queues'?");
    await expect(open({ ports, watchdogMs: 500 })).rejects.toThrow("with 'watchdogMs' and no queues");
    await expect(open({ ports, queues: 2, engine: 'steam' })).rejects.toThrow("Cannot use engine 'steam'");
    await expect(open({ ports, queues: 2, routes: { a: 'c' } })).rejects.toThrow("there is no port 'c'");
    await expect(open({ ports, queues: 2, log: 'stderr' })).rejects.toThrow('log must be a function');
    await expect(open({ ports: {}, queues: 2 })).rejects.toThrow('with 0 ports');
    await expect(open({ queues: 2 })).rejects.toThrow('without ports');
    await expect(open({ ports: { a: tap('a', { mtu: 1 }) }, queues: 2 })).rejects.toThrow(RangeError);
  });

  it('says when there are more lanes than cores', async () => {
    const said: string[] = [];
    const log = (text: string): unknown => said.push(text);
    const none = { a: tap('a', { netns: '/nowhere' }) };
    await expect(open({ ports: none, queues: Math.min(64, availableParallelism() + 1), log })).rejects.toThrow();
    expect(said).toEqual([expect.stringContaining('more lanes than cores are no faster')]);
  });

  it('is told from a line of one thread by its type', () => {
    expectTypeOf((pipeline: Pipeline) => openPipeline(pipeline)).returns.toEqualTypeOf<Promise<Line>>();
    expectTypeOf((pipeline: LanesPipeline) => openPipeline(pipeline)).returns.toEqualTypeOf<Promise<LanesLine>>();
    // @ts-expect-error: a queue belongs to one thread
    const wrong: LanesPipeline = { ports: { port: queue() }, queues: 2 };
    expect(wrong.queues).toBe(2);
  });

  it('undefined is a line of one thread', async () => {
    const line = await openPipeline({ ports: [queue()], ...({ queues: undefined } as object) });
    expect(line.summary().read).toBe(0);
    await line.close();
  });
});
