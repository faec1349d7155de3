import { describe, expect, it } from 'vitest';
import { queue, wasmFilter } from '../../src/index.ts';
import { openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { settled, started } from '../pipeline/support/lines.ts';
import { patternOf, superOf } from '../pipeline/support/supers.ts';
import { count, destinationPort, drop, filterOf } from './support/wat.ts';

const dropPort = filterOf(
  `${count(0)}
   (br_if $judged (i32.ne ${destinationPort} (i32.load16_u (i32.load offset=40 (local.get $call)))))
   ${count(1)}
   ${drop(1)}`,
  {
    name: 'drop-port',
    config: { port: { type: 'u16', default: 53 } },
    counters: ['seen', 'dropped'],
    reasons: ['blocked'],
  },
);

describe.each([
  ['in a sandbox', { trusted: false }],
  ['in place', { trusted: true }],
])('a compiled filter %s', (_, options) => {
  it('judges by its configuration, counts, and names its reason', async () => {
    const filter = await wasmFilter(dropPort, options);
    const trial = await openTrial(filter);
    const dns = udpFrame({ destinationPort: 53 });
    const telnet = tcpFrame({ destinationPort: 23 });
    expect(await trial.send(dns)).toEqual({ verdict: 'drop', reason: 'blocked' });
    expect(await trial.send(telnet)).toMatchObject({ verdict: 'continue', port: 'out', bytes: telnet });
    trial.configure({ port: 23 });
    expect(await trial.send(dns)).toMatchObject({ verdict: 'continue' });
    expect(await trial.send(telnet)).toEqual({ verdict: 'drop', reason: 'blocked' });
    expect(trial.summary()).toMatchObject({
      name: 'drop-port',
      packets: 4,
      dropped: 2,
      counters: { seen: 4, dropped: 2 },
    });
    await trial.close();
  });

  it('tells a packet that is too short from a window that is', async () => {
    const miss = (flag: number): string => `(i32.store8 offset=1 (local.get $outcome) (i32.const ${flag}))`;
    const trial = await openTrial(await wasmFilter(filterOf(miss(8), { onOutside: 'drop', onShort: 'drop' }), options));
    expect(await trial.send(udpFrame())).toMatchObject({ verdict: 'drop', reason: 'outsideWindow' });
    expect(trial.summary()).toMatchObject({ outside: 1, short: 0 });
    await trial.close();
    const short = await tryFilter(await wasmFilter(filterOf(miss(4), { onShort: 'drop' }), options), [udpFrame()]);
    expect(short).toMatchObject([{ verdict: 'drop', reason: 'short', short: true }]);
    const goesOn = await tryFilter(await wasmFilter(filterOf(miss(12)), options), [udpFrame()]);
    expect(goesOn).toMatchObject([{ verdict: 'continue' }]);
  });

  it('hears once what helps when its window is too small', async () => {
    const miss = '(i32.store8 offset=1 (local.get $outcome) (i32.const 8))';
    const [a, b] = [queue(), queue()];
    const run = await started({
      ports: { a, b },
      filters: [await wasmFilter(filterOf(miss, { window: 64 }), options)],
    });
    for (let sent = 1; sent <= 3; sent++) {
      await a.send(udpFrame());
      await settled(run.line, sent, b);
    }
    await run.stop();
    expect(run.log).toEqual([
      'filter wat: it asks for fields behind the first 64 bytes of a frame, which are all that it sees: raise window in its manifest',
    ]);
  });

  it('shows its state, without a copy', async () => {
    const fields = [
      { name: 'small', type: 'u8', offset: 0 },
      { name: 'many', type: 'u32', offset: 4, length: 3 },
      { name: 'large', type: 'u64', offset: 16 },
      { name: 'table', type: 'LruMap', offset: 32, bytes: 32, capacity: 4, keyBytes: 4, valueBytes: 4 },
    ];
    const body = `
      (i32.store8 (i32.load offset=48 (local.get $call)) (i32.const 7))
      (i32.store offset=8 (i32.load offset=48 (local.get $call)) (i32.const -1))
      (i64.store offset=16 (i32.load offset=48 (local.get $call)) (i64.const -1))`;
    const make = await wasmFilter(filterOf(body, { state: { version: 1, bytes: 64, fields } }), options);
    const [a, b] = [queue(), queue()];
    const run = await started({ ports: { a, b }, filters: [make] });
    const { many } = run.line.filters.state('wat') as { readonly many: Uint32Array };
    await a.send(udpFrame());
    await settled(run.line, 1, b);
    expect(many[1]).toBe(0xffffffff);
    expect(run.line.filters.state('wat')).toEqual({
      small: 7,
      many: Uint32Array.of(0, 0xffffffff, 0),
      large: 2n ** 64n - 1n,
      table: { type: 'LruMap', bytes: new Uint8Array(32), capacity: 4, keyBytes: 4, valueBytes: 4 },
    });
    expect(() => run.line.filters.state('wut')).toThrow(RangeError);
    await run.stop();
  });

  it('sees segments, where its manifest asks for them, and drops one alone', async () => {
    const body = `
      ${count(0)}
      (br_if $judged (i32.ne (i32.const 500) (i32.load16_u offset=38 (local.get $descriptor))))
      ${drop()}`;
    const fields = { superPackets: 'segments', counters: ['seen'] };
    const trial = await openTrial(await wasmFilter(filterOf(body, fields), options), {
      virtioHeader: true,
      offloads: 'all',
    });
    const tried = await trial.send(superOf(patternOf(2500), 1000));
    expect(tried.verdict).toBe('drop');
    expect(tried.segments?.map(({ length }) => length)).toEqual([1066, 1066]);
    expect(trial.summary()).toMatchObject({ packets: 3, dropped: 1, counters: { seen: 3 } });
    await trial.close();
  });

  it('changes bytes, where its manifest says so', async () => {
    const body = `
      (i32.store8 (local.get $frame) (i32.const 0x66))
      (i32.store8 offset=1 (local.get $outcome) (i32.const 1))`;
    const frame = udpFrame();
    const [changed] = await tryFilter(await wasmFilter(filterOf(body, { writes: true }), options), [frame]);
    expect(changed?.bytes).toEqual(Uint8Array.from([0x66, ...frame.subarray(1)]));
  });
});
