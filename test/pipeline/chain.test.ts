import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type FilterFactory, type FilterLike, type Line, type Packet, defineFilter, queue } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { settled, started, take } from './support/lines.ts';

/** Drops a protocol; counts what it saw. */
const block = defineFilter({
  name: 'block',
  config: { protocol: { type: 'u8', default: 6 } },
  counters: ['seen'],
  reasons: ['blocked'],
  filter(packet, { config, counters }) {
    counters.seen++;
    return packet.protocol === config.protocol ? packet.drop('blocked') : undefined;
  },
});

type Filter = FilterLike | FilterFactory;

const pass = (name: string): FilterLike => ({ name, filter: () => undefined });

async function lineWith(filters: readonly Filter[]) {
  const [a, b] = [queue(), queue()];
  const run = await started({ ports: { a, b }, filters });
  return { a, b, run, chain: run.line.filters };
}

describe('FilterChain', () => {
  it('numbers filters of one name, and finds them by it', async () => {
    const { run, chain } = await lineWith([pass('x'), pass('x'), pass('y')]);
    expect(chain.names).toEqual(['x', 'x#2', 'y']);
    expect(chain.add(pass('x'), { before: 'y' })).toBe('x#3');
    expect(chain.names).toEqual(['x', 'x#2', 'x#3', 'y']);
    chain.remove('x');
    expect(chain.add(pass('x'))).toBe('x');
    expect(chain.names).toEqual(['x#2', 'x#3', 'y', 'x']);
    await run.stop();
  });

  it('refuses names that it does not have, and changes nothing', async () => {
    const { run, chain } = await lineWith([pass('limit')]);
    const wrong = "There is no filter 'limt': did you mean 'limit'?";
    expect(() => chain.add(pass('x'), { before: 'limt' })).toThrow(wrong);
    expect(() => chain.replace('limt', pass('x'))).toThrow(RangeError);
    expect(() => {
      chain.remove('limt');
    }).toThrow(wrong);
    expect(() => {
      chain.configure('limt', {});
    }).toThrow(wrong);
    expect(chain.names).toEqual(['limit']);
    await run.stop();
  });

  it('keeps nothing of filters that were replaced, but for the one before', async () => {
    const { run, chain } = await lineWith([pass('x')]);
    const contexts: WeakRef<object>[] = [];
    const noting = (): FilterLike => {
      const context = { count: 0 };
      contexts.push(new WeakRef(context));
      return {
        name: 'x',
        filter() {
          context.count++;
        },
      };
    };
    for (let i = 0; i < 10; i++) chain.replace('x', noting());
    await sleep(0);
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(contexts.filter((context) => context.deref() !== undefined).length).toBeLessThanOrEqual(2);
    await run.stop();
  });

  it('changes while the line runs, and loses nothing', async () => {
    const { a, b, run, chain } = await lineWith([]);
    await a.send(tcpFrame());
    await take(b, 1);
    chain.add(block);
    await a.send(tcpFrame());
    await settled(run.line, 2);
    chain.configure('block', { protocol: 17 });
    await a.send(tcpFrame());
    await take(b, 1);
    await a.send(udpFrame());
    await settled(run.line, 4);
    expect(run.line.summary().filters[0]).toMatchObject({ dropped: 2, reasons: { blocked: 2 }, counters: { seen: 3 } });
    expect(chain.replace('block', block({ protocol: 6 }))).toBe('block');
    expect(run.line.summary().filters[0]).toMatchObject({ packets: 0, dropped: 0, reasons: {}, counters: { seen: 0 } });
    await a.send(udpFrame());
    await take(b, 1);
    chain.remove('block');
    await a.send(tcpFrame());
    await take(b, 1);
    const summary = await settled(run.line, 6);
    expect(summary).toMatchObject({ forwarded: 4, dropped: 2, reasons: { blocked: 2 }, filters: [] });
    await run.stop();
  });

  it('keeps the old filter when the new one cannot start', async () => {
    const { a, run, chain } = await lineWith([block]);
    const broken = { manifest: { name: 'broken' }, open: () => fail() };
    for (const filter of [broken, block({ protocol: 300 }), { name: '' } as FilterLike]) {
      expect(() => chain.replace('block', filter)).toThrow();
      expect(() => chain.add(filter)).toThrow();
    }
    expect(chain.names).toEqual(['block']);
    await a.send(tcpFrame());
    expect((await settled(run.line, 1)).reasons).toEqual({ blocked: 1 });
    await run.stop();
  });

  it('refuses a wrong configuration, and keeps the old one', async () => {
    const { a, run, chain } = await lineWith([block]);
    expect(() => {
      chain.configure('block', { protocol: 256 });
    }).toThrow(RangeError);
    expect(() => {
      chain.configure('block', { protocl: 1 });
    }).toThrow("did you mean 'protocol'?");
    await a.send(tcpFrame());
    expect((await settled(run.line, 1)).dropped).toBe(1);
    await run.stop();
  });

  it('has room for 64 filters, and for exchanging each of them', async () => {
    const { a, b, run, chain } = await lineWith(Array.from({ length: 64 }, () => pass('x')));
    expect(() => chain.add(pass('x'))).toThrow('64 filters at most');
    for (let round = 0; round < 3; round++) {
      for (const name of chain.names) expect(chain.replace(name, pass('y'))).toMatch(/^y/);
    }
    expect(() => chain.add(pass('x'))).toThrow('64 filters at most');
    chain.remove('y#64');
    expect(chain.add(pass('x'))).toBe('x');
    await a.send(udpFrame());
    await take(b, 1);
    await run.stop();
  });

  it('calls a filter back when the one in its place fails', async () => {
    const { a, b, run, chain } = await lineWith([pass('x')]);
    chain.replace('x', {
      name: 'y',
      filter() {
        throw new Error('not like this');
      },
    });
    await a.send(udpFrame());
    expect((await settled(run.line, 1, b)).reasons).toEqual({ filterError: 1 });
    expect(chain.names).toEqual(['x']);
    await a.send(udpFrame());
    await take(b, 1);
    expect(run.log.join()).toContain('filter y failed soon after it was put in place of x, which is back');
    expect(run.line.summary().filters[0]?.packets).toBe(1);
    await run.stop();
  });

  it('takes no changes after the line was closed', async () => {
    const { run, chain } = await lineWith([pass('x')]);
    await run.stop();
    expect(() => chain.add(pass('y'))).toThrow(expect.objectContaining({ code: 'LINE_CLOSED' }));
    expect(() => chain.replace('x', pass('y'))).toThrow('the line was closed');
    expect(chain.names).toEqual(['x']);
  });
});

describe('a filter that changes its chain', () => {
  /** A line whose first filter acts once, at the second of four packets of one batch. */
  async function acting(act: (line: Line) => void, behind: readonly Filter[] = []) {
    const [a, b] = [queue(), queue()];
    const reach: { line?: Line } = {};
    let count = 0;
    const actor = {
      name: 'actor',
      filter() {
        if (++count === 2 && reach.line !== undefined) act(reach.line);
      },
    };
    const run = await started({ ports: { a, b }, filters: [actor, ...behind] });
    reach.line = run.line;
    for (let i = 0; i < 4; i++) a.trySend(tcpFrame({ sequence: i }));
    const first = await settled(run.line, 4, b);
    for (let i = 0; i < 4; i++) a.trySend(tcpFrame({ sequence: i }));
    const second = await settled(run.line, 8, b);
    await run.stop();
    return { first, second, log: run.log, names: run.line.filters.names };
  }

  it('adds: from the next batch on', async () => {
    const { first, second } = await acting((line) => void line.filters.add(block));
    expect([first.dropped, second.dropped]).toEqual([0, 4]);
  });

  it('removes: the batch still sees the filter, and its drops are kept', async () => {
    const { first, second, names } = await acting(
      (line) => {
        line.filters.remove('block');
      },
      [block],
    );
    expect([first.dropped, second.dropped, names]).toEqual([4, 4, ['actor']]);
    expect(second.reasons).toEqual({ blocked: 4 });
  });

  it('replaces itself', async () => {
    const { second, names, log } = await acting((line) => void line.filters.replace('actor', block));
    expect([second.dropped, names, log]).toEqual([4, ['block'], []]);
  });

  it('configures: from the next batch on, and a mistake is logged', async () => {
    const { first, second } = await acting(
      (line) => {
        line.filters.configure('block', { protocol: 17 });
      },
      [block],
    );
    expect([first.dropped, second.dropped]).toEqual([4, 4]);
    const wrong = await acting(
      (line) => {
        line.filters.configure('block', { protocol: -1 });
      },
      [block],
    );
    expect(wrong.second.dropped).toBe(8);
    expect(wrong.log).toEqual([
      expect.stringMatching(/^cannot change a filter: RangeError: Cannot set block.protocol to -1/),
    ]);
  });

  it('finds no filter of that name: it has failed', async () => {
    const { second } = await acting((line) => {
      line.filters.remove('nobody');
    });
    expect(second).toMatchObject({ dropped: 1, reasons: { filterError: 1 } });
  });

  it('may see a packet whose filter has gone', async () => {
    const watch = { name: 'watch', filter: (packet: Packet) => (packet.isTcp ? undefined : packet.drop()) };
    const { second } = await acting(
      (line) => {
        for (const name of line.filters.names) line.filters.remove(name);
      },
      [watch, block],
    );
    expect(second).toMatchObject({ dropped: 4, forwarded: 4, filters: [] });
  });
});

function fail(): never {
  throw new Error('cannot start');
}
