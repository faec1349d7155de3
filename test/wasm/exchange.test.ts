import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FilterFactory, queue, wasmFilter } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { settled, started } from '../pipeline/support/lines.ts';
import { type ManifestFields, count, destinationPort, drop, filterOf } from './support/wat.ts';

const STATE = { version: 1, bytes: 64, fields: [{ name: 'seen', type: 'u32', offset: 0 }] };

/** Counts packets in its state. */
const SEEN = `(i32.store (i32.load offset=48 (local.get $call))
  (i32.add (i32.load (i32.load offset=48 (local.get $call))) (i32.const 1)))`;

const counting = async (manifest: ManifestFields = {}, body = '', options = {}): Promise<FilterFactory> =>
  await wasmFilter(filterOf(`${SEEN} ${count(0)} ${body}`, { counters: ['n'], state: STATE, ...manifest }), options);

async function lineWith(...filters: FilterFactory[]) {
  const [a, b] = [queue(), queue()];
  const run = await started({ ports: { a, b }, filters });
  let sent = 0;
  return {
    run,
    chain: run.line.filters,
    send: async (...frames: Uint8Array[]) => {
      for (const frame of frames) await a.send(frame);
      sent += frames.length;
      return await settled(run.line, sent, b);
    },
  };
}

const frame = udpFrame();

describe.each([
  ['in a sandbox', {}],
  ['in place', { trusted: true }],
])('a filter that is exchanged %s', (_, options) => {
  it('hands its state over where the version is the same', async () => {
    const { run, chain, send } = await lineWith(await counting({}, '', options));
    await send(frame, frame);
    chain.replace('wat', await counting({ version: '1.0.1' }, '', options));
    expect(chain.state('wat')).toEqual({ seen: 2 });
    expect((await send(frame)).filters[0]).toMatchObject({ packets: 1, counters: { n: 1 } });
    expect(chain.state('wat')).toEqual({ seen: 3 });
    chain.replace('wat', await counting({ state: { ...STATE, version: 2 } }, '', options));
    expect(chain.state('wat')).toEqual({ seen: 0 });
    await run.stop();
  });

  it('hears of state that was kept', async () => {
    const more = `(func (export "tapline_init") (param $call i32)
      (i64.store (i32.load offset=44 (local.get $call)) (i64.load32_u offset=68 (local.get $call))))`;
    const make = await wasmFilter(filterOf('', { counters: ['kept'], state: STATE }, { more }), options);
    const { run, chain } = await lineWith(make);
    expect(run.line.summary().filters[0]?.counters).toEqual({ kept: 0 });
    chain.replace('wat', make);
    expect(run.line.summary().filters[0]?.counters).toEqual({ kept: 1 });
    await run.stop();
  });

  it('stays when the new one traps over what the line sees', async () => {
    const { run, chain, send } = await lineWith(await counting({}, '', options));
    await send(frame);
    const broken = await counting({ version: '2.0.0' }, 'unreachable', options);
    expect(() => chain.replace('wat', broken)).toThrow(
      expect.objectContaining({
        code: 'FILTER_TRAP',
        message: expect.stringMatching(
          /Cannot exchange filter wat: it trapped over the line's last packets: unreachable at byte/,
        ) as string,
      }),
    );
    expect(chain.state('wat')).toEqual({ seen: 1 });
    expect((await send(frame)).filters[0]).toMatchObject({ failed: 0, packets: 2, counters: { n: 2 } });
    await run.stop();
  });

  it('stays when the new one cannot start', async () => {
    const { run, chain, send } = await lineWith(await counting({}, '', options));
    const more = '(func (export "tapline_init") (param i32) unreachable)';
    const broken = await wasmFilter(filterOf('', {}, { more }), options);
    expect(() => chain.replace('wat', broken)).toThrow(/tapline_init trapped: unreachable/);
    expect((await send(frame)).filters[0]?.packets).toBe(1);
    await run.stop();
  });

  it('comes back when the new one traps in its first seconds', async () => {
    const { run, chain, send } = await lineWith(await counting({}, '', options));
    await send(frame);
    const telnet = `(if (i32.eq ${destinationPort} (i32.const 23)) (then unreachable))`;
    chain.replace('wat', await counting({ version: '2.0.0', onError: 'pass' }, telnet, options));
    expect(await send(frame, tcpFrame({ destinationPort: 23 }), frame)).toMatchObject({ forwarded: 4 });
    expect(run.log.join()).toContain('filter wat failed soon after it was put in place of wat, which is back');
    expect(run.line.summary().filters[0]).toMatchObject({ failed: 0 });
    expect((await send(tcpFrame({ destinationPort: 23 }))).filters[0]).toMatchObject({ failed: 0 });
    await run.stop();
  });

  it('takes a rehearsal that leaves no trace', async () => {
    const { run, chain, send } = await lineWith(await counting({}, '', options));
    await send(frame, frame, frame);
    const writes = `(i32.store8 (local.get $frame) (i32.const 0)) (i32.store8 offset=1 (local.get $outcome) (i32.const 3)) ${drop()}`;
    chain.replace('wat', await counting({ writes: true }, writes, options));
    expect(chain.state('wat')).toEqual({ seen: 3 });
    expect(run.line.summary()).toMatchObject({ read: 3, forwarded: 3, dropped: 0, mirrorsLost: 0 });
    expect(run.line.summary().filters[0]).toMatchObject({ packets: 0, counters: { n: 0 } });
    expect(await send(frame)).toMatchObject({ dropped: 1 });
    await run.stop();
  });
});

describe('blocks of filters in place', () => {
  it('go back to the region when their filters leave', async () => {
    const state = { version: 1, bytes: 2 ** 24 };
    const big = await wasmFilter(filterOf('', { state }), { trusted: true });
    const { run, chain, send } = await lineWith();
    for (let i = 0; i < 3; i++) chain.add(big);
    expect(() => chain.add(big)).toThrow(
      expect.objectContaining({
        code: 'ARENA_FULL',
        message: expect.stringContaining('find no room among the') as string,
      }),
    );
    chain.remove('wat#2');
    expect(chain.add(big)).toBe('wat#2');
    expect(await send(frame)).toMatchObject({ forwarded: 1 });
    await run.stop();
  });
});

describe('exchanges under load', () => {
  it('lose, reorder and double nothing', async () => {
    const [a, b] = [queue(), queue()];
    const filters = [await counting(), await counting({}, '', { trusted: true })] as const;
    const run = await started({ ports: { a, b }, filters: [filters[0]] });
    const total = 20_000;
    let received = 0;
    let exchanges = 0;
    const numbered = udpFrame({ payload: new Uint8Array(8) });
    const view = new DataView(numbered.buffer, numbered.byteOffset);
    const reading = (async () => {
      for await (const batch of b) {
        for (const one of batch) {
          const number = new DataView(one.buffer, one.byteOffset, one.length).getUint32(one.length - 4);
          if (number !== received) throw new Error(`${number} came in place of ${received}`);
          received++;
        }
        if (received === total) return;
      }
    })();
    const writing = (async () => {
      for (let i = 0; i < total; i++) {
        view.setUint32(numbered.length - 4, i);
        await a.send(numbered);
        if (i % 100 === 0) {
          run.line.filters.replace('wat', filters[++exchanges % 2 === 0 ? 0 : 1]);
          await pause(0);
        }
      }
    })();
    await Promise.all([reading, writing]);
    expect([received, exchanges]).toEqual([total, total / 100]);
    expect(run.line.filters.state('wat')).toEqual({ seen: total });
    await run.stop();
  });
});
