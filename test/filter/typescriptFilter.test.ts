import { describe, expect, it } from 'vitest';
import { type Packet, Verdict, defineFilter } from '../../src/index.ts';
import { arpFrame, openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { queue } from '../../src/index.ts';
import { settled, started, take } from '../pipeline/support/lines.ts';

const frames = [udpFrame({ destinationPort: 53 }), tcpFrame({ destinationPort: 23 }), arpFrame()];

describe('a TypeScript filter', () => {
  it('need not return what it decided', async () => {
    const filter = defineFilter({
      name: 'no-return',
      reasons: ['telnet'],
      filter(packet) {
        if (packet.isTcp) packet.drop('telnet');
        else if (packet.isUdp) packet.accept();
      },
    });
    expect(await tryFilter(filter, frames)).toMatchObject([
      { verdict: 'accept', port: 'out' },
      { verdict: 'drop', reason: 'telnet' },
      { verdict: 'continue', port: 'out' },
    ]);
  });

  it('drops packets that are short where its policy says so, and only those that would go on', async () => {
    const short = (decide: (packet: Packet) => unknown) =>
      defineFilter({
        name: 'short',
        onShort: 'drop',
        filter(packet) {
          if (packet.ttl < 300) decide(packet);
        },
      });
    const fates = await tryFilter(
      short(() => undefined),
      frames,
    );
    expect(fates).toMatchObject([
      { verdict: 'continue' },
      { verdict: 'continue' },
      { verdict: 'drop', reason: 'short' },
    ]);
    const accepted = await tryFilter(
      short((packet) => packet.accept()),
      frames,
    );
    expect(accepted.map(({ verdict }) => verdict)).toEqual(['accept', 'accept', 'accept']);
  });

  it('may keep state of its own, as a plain object', async () => {
    const filter = {
      name: 'every-second',
      seen: 0,
      filter(packet: { drop(): Verdict }) {
        return ++this.seen % 2 === 0 ? packet.drop() : undefined;
      },
    };
    const fates = await tryFilter(filter, [...frames, ...frames]);
    expect(fates.map(({ verdict }) => verdict)).toEqual(['continue', 'drop', 'continue', 'drop', 'continue', 'drop']);
  });

  it('judges by its configuration, and sees it change as a whole', async () => {
    const filter = defineFilter({
      name: 'ports',
      config: { low: { type: 'u16', default: 20 }, high: { type: 'u16' } },
      filter: (packet, { config }) =>
        packet.destinationPort >= config.low && packet.destinationPort <= config.high ? packet.drop() : undefined,
    });
    await using trial = await openTrial(filter, { config: { high: 30 } });
    expect((await trial.send(tcpFrame({ destinationPort: 23 }))).verdict).toBe('drop');
    trial.configure({ low: 24, high: undefined });
    expect((await trial.send(tcpFrame({ destinationPort: 23 }))).verdict).toBe('continue');
    expect(() => {
      trial.configure({ low: 1, high: 'x' });
    }).toThrow(TypeError);
    expect((await trial.send(tcpFrame({ destinationPort: 23 }))).verdict).toBe('continue');
    expect((await trial.send(tcpFrame({ destinationPort: 30 }))).verdict).toBe('drop');
    await expect(openTrial(filter)).rejects.toThrow("field 'high' must be given");
  });

  it('counts', async () => {
    const filter = defineFilter({
      name: 'count',
      counters: ['udp', 'bytes'],
      filter(packet, { counters }) {
        if (packet.isUdp) counters.udp++;
        counters.bytes += packet.length;
      },
    });
    await using trial = await openTrial(filter);
    for (const frame of frames) await trial.send(frame);
    const bytes = frames.reduce((total, { length }) => total + length, 0);
    expect(trial.summary().counters).toEqual({ udp: 1, bytes });
  });

  it('has a clock that never goes back', async () => {
    const times: number[] = [];
    const filter = defineFilter({ name: 'clock', filter: (_, { now }) => void times.push(now) });
    await tryFilter(filter, [...frames, ...frames]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((time) => Number.isInteger(time) && time > 0)).toBe(true);
  });
});

/** Something that a filter may do wrong, and what is said of it. */
const failures: readonly (readonly [what: string, misbehave: (packet: never) => unknown, error: unknown])[] = [
  ['throws', () => fail(new RangeError('no')), new RangeError('no')],
  ['throws nothing in particular', () => fail(undefined), undefined],
  ['throws what has no text', () => fail(Object.create(null)), Object.create(null)],
  [
    'is async',
    async () => Promise.resolve(),
    new TypeError('Cannot take a promise for a verdict: a filter must not be async'),
  ],
  ['rejects', async () => Promise.reject(new Error('never heard of')), expect.any(TypeError)],
  [
    'returns text',
    () => 'drop',
    new TypeError("Cannot take 'drop' for a verdict: return one of packet.drop(), accept(), … or nothing"),
  ],
  ['returns a number that is no verdict', () => 1.5, expect.any(TypeError)],
  [
    'redirects to nowhere',
    () => Verdict.Redirect,
    new TypeError('Cannot redirect without a port: return packet.redirect(port)'),
  ],
  [
    'redirects to a port that there is not',
    (packet: { redirect(port: string): unknown }) => packet.redirect('moon'),
    expect.any(TypeError),
  ],
  [
    'drops for an undeclared reason',
    (packet: { drop(reason: string): unknown }) => packet.drop('because'),
    expect.any(TypeError),
  ],
];

function fail(what: unknown): never {
  throw what;
}

describe('a filter that fails', () => {
  for (const [what, misbehave, error] of failures) {
    it(`because it ${what} loses that packet alone`, async () => {
      const filter = {
        name: 'fails',
        filter: (packet: { isTcp: boolean }) => (packet.isTcp ? (misbehave(packet as never) as undefined) : undefined),
      };
      const fates = await tryFilter(filter, frames);
      expect(fates.map(({ verdict, reason }) => [verdict, reason])).toEqual([
        ['continue', undefined],
        ['drop', 'filterError'],
        ['continue', undefined],
      ]);
      expect(fates.map((fate) => 'error' in fate)).toEqual([false, true, false]);
      expect(fates[1]?.error).toEqual(error);
      const passing = await tryFilter({ ...filter, onError: 'pass' }, frames);
      expect(passing.map(({ verdict, port }) => [verdict, port])).toEqual(Array(3).fill(['continue', 'out']));
    });
  }

  it('does not keep what it decided before it failed', async () => {
    const filter = {
      name: 'torn',
      onError: 'pass' as const,
      filter(packet: { drop(): void; isTcp: boolean }) {
        packet.drop();
        if (packet.isTcp) throw new Error('after all');
      },
    };
    expect((await tryFilter(filter, frames)).map(({ verdict }) => verdict)).toEqual(['drop', 'continue', 'drop']);
  });

  it('is counted for every packet, and logged once a second at most', async () => {
    const [a, b] = [queue(), queue()];
    const throwing = {
      name: 'throws',
      filter() {
        throw new Error('each time');
      },
    };
    const begin = performance.now();
    await using run = await started({ ports: { a, b }, filters: [throwing] });
    for (let i = 0; i < 600; i++) await a.send(frames[i % 3] ?? new Uint8Array());
    const summary = await settled(run.line, 600, b);
    expect(summary).toMatchObject({ dropped: 600, reasons: { filterError: 600 } });
    expect(summary.filters[0]).toMatchObject({ name: 'throws', failed: 600, packets: 600, dropped: 600 });
    expect(run.log.length).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begin) / 1000));
    expect(run.log[0]).toMatch(/^filter throws failed: Error: each time\n/);
  });

  it('does not end the line when even the log fails', async () => {
    const [a, b] = [queue(), queue()];
    const wild = {
      name: 'wild',
      filter(packet: { isTcp: boolean }) {
        // Not even `inspect` can show this.
        if (packet.isTcp) fail(new Proxy({}, { get: () => fail('get'), getPrototypeOf: () => fail('prototype') }));
        throw new Error('in vain');
      },
    };
    await using run = await started({
      ports: { a, b },
      filters: [wild, { name: 'never', filter: () => undefined }],
      log() {
        throw new Error('disk full');
      },
    });
    for (const frame of [...frames, ...frames]) await a.send(frame);
    expect((await settled(run.line, 6, b)).reasons).toEqual({ filterError: 6 });
    run.line.filters.remove('wild');
    await a.send(frames[0] ?? new Uint8Array());
    expect(await take(b, 1)).toEqual([frames[0]]);
  });
});
