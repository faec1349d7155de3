import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FilterFactory, type WasmFilterOptions, queue, wasmFilter } from '../../src/index.ts';
import { SECTION, readSections } from '../../src/wasm/sections.ts';
import { openTrial, tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { readAll } from '../capture/support/readAll.ts';
import { settled, started } from '../pipeline/support/lines.ts';
import { type ManifestFields, count, destinationPort, drop, filterOf } from './support/wat.ts';

const MANY = { breaker: { traps: 1_000_000, then: 'bypass' } };

/** Does `what` for packets to port 666. */
const evil = (what: string): string => `(if (i32.eq ${destinationPort} (i32.const 666)) (then ${what}))`;

const bad = udpFrame({ destinationPort: 666 });
const fine = udpFrame({ destinationPort: 53 });

const traps = [
  ['unreachable', 'unreachable', 'unreachable'],
  ['a read behind its memory', '(drop (i32.load (i32.const 0x7fffffff)))', 'memory access out of bounds'],
  ['a write behind its memory', '(i32.store (i32.const -4) (i32.const 0))', 'memory access out of bounds'],
  ['a division by 0', '(drop (i32.div_u (i32.const 1) (i32.const 0)))', 'divide by zero'],
  [
    'a call into nothing',
    '(call_indirect (param i32) (i32.const 0) (i32.const 0))',
    'null function|signature mismatch',
  ],
  ['a recursion without end', '(call $again)', 'call stack|out of fuel'],
  ['a loop without end', '(loop $for (br $for))', 'out of fuel'],
  [
    'a copy without end',
    '(loop $for (memory.copy (i32.const 64) (i32.const 64) (i32.const 32768)) (br $for))',
    'out of fuel',
  ],
] as const;

const more = '(table 1 funcref) (func $again (call $again))';

async function lineWith(filter: FilterFactory) {
  const [a, b] = [queue(), queue()];
  const run = await started({ ports: { a, b }, filters: [filter] });
  let sent = 0;
  return {
    run,
    send: async (frames: readonly Uint8Array[]) => {
      for (const [i, frame] of frames.entries()) {
        await a.send(frame);
        sent++;
        if (i % 200 === 199) await settled(run.line, sent, b);
      }
      return await settled(run.line, sent, b);
    },
    /** All of them in one batch. */
    sendAtOnce: async (frames: readonly Uint8Array[]) => {
      for (const frame of frames) expect(a.trySend(frame)).toBe(true);
      sent += frames.length;
      return await settled(run.line, sent, b);
    },
  };
}

async function filter(
  what: string,
  manifest: ManifestFields = MANY,
  options: WasmFilterOptions = {},
): Promise<FilterFactory> {
  return await wasmFilter(
    filterOf(`${evil(what)} ${count(0)}`, { counters: ['judged'], ...manifest }, { more }),
    options,
  );
}

describe.each([
  ['in a sandbox', {}],
  ['in place', { trusted: true, metered: true }],
])('a trap %s', (_, options) => {
  it.each(traps)('by %s costs its packet, and no other', async (_, what, message) => {
    const frames = [fine, bad, fine, fine, bad, bad, fine];
    const { run, sendAtOnce } = await lineWith(await filter(what, { ...MANY, onError: 'drop' }, options));
    const summary = await sendAtOnce(frames);
    expect(summary).toMatchObject({ forwarded: 4, dropped: 3, reasons: { filterError: 3 } });
    expect(summary.filters[0]).toMatchObject({ failed: 3, counters: { judged: 4 } });
    expect(run.log).toHaveLength(1);
    expect(run.log[0]).toMatch(new RegExp(`^filter wat failed: packet 1 of its batch: .*(${message}).* at byte 0x`));
    await run.stop();
  });

  it('lets the packet pass where its policy says so', async () => {
    const { run, sendAtOnce } = await lineWith(await filter('unreachable', { ...MANY, onError: 'pass' }, options));
    expect(await sendAtOnce([fine, bad, fine])).toMatchObject({ forwarded: 3, dropped: 0 });
    await run.stop();
  });

  it('keeps what was written before it', async () => {
    const body = `(i32.store8 (local.get $frame) (i32.const 0x66)) (i32.store8 offset=1 (local.get $outcome) (i32.const 1))
      ${evil('unreachable')}`;
    const make = await wasmFilter(filterOf(body, { ...MANY, writes: true, onError: 'pass' }), options);
    const fates = await tryFilter(make, [bad, fine]);
    expect(fates.map(({ bytes }) => bytes?.[0])).toEqual([0x66, 0x66]);
  });

  it('leaves a stack pointer where it was, 10,000 times', async () => {
    // As AssemblyScript's incremental runtime: a trap leaves a frame on the shadow stack, which overflows one day.
    const global = '(global $stack (mut i32) (i32.const 32768))';
    const body = `
      (global.set $stack (i32.sub (global.get $stack) (i32.const 16)))
      (if (i32.lt_s (global.get $stack) (i32.const 0)) (then unreachable))
      ${evil('unreachable')}
      (global.set $stack (i32.add (global.get $stack) (i32.const 16)))`;
    const make = await wasmFilter(filterOf(body, { ...MANY, onError: 'drop' }, { more: global }), options);
    const { run, send } = await lineWith(make);
    const frames = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? bad : fine));
    const summary = await send(frames);
    expect(summary).toMatchObject({ forwarded: 10_000, dropped: 10_000, reasons: { filterError: 10_000 } });
    await run.stop();
  });

  it('keeps what changes from batch to batch as the trap left it', async () => {
    const global = '(global $seen (mut i32) (i32.const 0))';
    const body = `
      (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
      (i64.store (i32.load offset=44 (local.get $call)) (i64.extend_i32_u (global.get $seen)))
      ${evil('unreachable')}`;
    const make = await wasmFilter(filterOf(body, { ...MANY, counters: ['seen'] }, { more: global }), options);
    const trial = await openTrial(make);
    for (const frame of [fine, fine, bad, fine]) await trial.send(frame);
    expect(trial.summary().counters).toEqual({ seen: 4 });
    await trial.close();
  });
});

describe('a filter that did not trap', () => {
  it('cannot say for which packet it did', async () => {
    // A cursor far away, and one behind the packets that were judged.
    for (const cursor of [0x7fffffff, 0]) {
      const what = `(i32.store offset=20 (local.get $call) (i32.const ${cursor})) unreachable`;
      const { run, sendAtOnce } = await lineWith(await filter(what));
      const summary = await sendAtOnce([fine, fine, bad, fine, bad, bad]);
      expect(summary.read).toBe(6);
      expect(summary.filters[0]?.failed).toBeGreaterThanOrEqual(1);
      await run.stop();
    }
  });
});

describe('memory', () => {
  it('grows as far as the host lets it, and no further', async () => {
    const memory = '(import "env" "memory" (memory 2 65536 shared))';
    const block = `(global (export "tapline_block") i32 (i32.const 64))
      (global (export "tapline_block_bytes") i32 (i32.const 60000))`;
    const grow = `(if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then ${drop(1)}))`;
    const bytes = filterOf(grow, { reasons: ['noMemory'], memoryPages: 4 }, { memory, more: block });
    const fates = await tryFilter(
      await wasmFilter(bytes),
      Array.from({ length: 5 }, () => fine),
    );
    expect(fates.map(({ verdict }) => verdict)).toEqual(['continue', 'continue', 'continue', 'drop', 'drop']);
  });
});

describe('fuel', () => {
  it('is shared by a batch, and full again for the next', async () => {
    // 20 rounds of an inner loop, and the outer one: more than 20 units, less than 100.
    const rounds = `(local.set $index (i32.const 20))
      (loop $for (br_if $for (local.tee $index (i32.sub (local.get $index) (i32.const 1)))))`;
    const exact = async (fuelPerPacket: number) => {
      const { run, send } = await lineWith(await wasmFilter(filterOf(rounds, { ...MANY, fuelPerPacket })));
      const { dropped } = await send(Array.from({ length: 600 }, () => fine));
      await run.stop();
      return dropped;
    };
    expect(await exact(20)).toBeGreaterThan(0);
    expect(await exact(100)).toBe(0);
  });

  it('ends a start function, and a tapline_init, that never end', async () => {
    const forever = '(loop $for (br $for))';
    const starts = await wasmFilter(filterOf('', {}, { more: `(func $s ${forever}) (start $s)` }));
    await expect(tryFilter(starts, [fine])).rejects.toMatchObject({
      code: 'BAD_FILTER',
      message: expect.stringContaining('it cannot start: unreachable') as string,
    });
    const inits = await wasmFilter(filterOf('', {}, { more: `(func (export "tapline_init") (param i32) ${forever})` }));
    await expect(tryFilter(inits, [fine])).rejects.toThrow('tapline_init trapped: it ran out of fuel');
  });

  it('ends a tapline_tick that never ends, and the line goes on', async () => {
    const more = '(func (export "tapline_tick") (param i32) (loop $for (br $for)))';
    const make = await wasmFilter(filterOf('', { ...MANY, tickMilliseconds: 1 }, { more }));
    const { run, send } = await lineWith(make);
    await pause(5);
    expect(await send([fine, fine])).toMatchObject({ forwarded: 2 });
    expect(run.log.join()).toContain('in tapline_tick: it ran out of fuel');
    await run.stop();
  });
});

describe('a breaker', () => {
  const trap5 = Array.from({ length: 5 }, () => bad);

  it('lets packets pass a filter by', async () => {
    const { run, sendAtOnce, send } = await lineWith(
      await filter('unreachable', { breaker: { traps: 3, then: 'bypass' } }),
    );
    expect(await sendAtOnce([...trap5, fine])).toMatchObject({ forwarded: 3, dropped: 3 });
    expect((await send([bad, fine])).filters[0]).toMatchObject({ failed: 3, packets: 8, counters: { judged: 0 } });
    expect(run.log).toHaveLength(2);
    expect(run.log[1]).toBe('filter wat: trapped too often within a second: packets pass it by from now on');
    await run.stop();
  });

  it('drops all packets, whatever onError says', async () => {
    const manifest = { onError: 'pass', breaker: { traps: 3, then: 'closed' } };
    const { run, sendAtOnce } = await lineWith(await filter('unreachable', manifest));
    expect(await sendAtOnce([fine, ...trap5, fine])).toMatchObject({
      forwarded: 4,
      dropped: 3,
      reasons: { filterError: 3 },
    });
    expect(await sendAtOnce([fine])).toMatchObject({ dropped: 4 });
    await run.stop();
  });

  it('loads the filter again after a second, with new state and old counters', async () => {
    const state = '(i32.store (i32.load offset=48 (local.get $call)) (i32.const 7))';
    const manifest = {
      state: { version: 1, bytes: 64, fields: [{ name: 'x', type: 'u32', offset: 0 }] },
      breaker: { traps: 3 },
    };
    const make = await wasmFilter(
      filterOf(`${evil('unreachable')} ${count(0)} ${state}`, { counters: ['judged'], onError: 'pass', ...manifest }),
    );
    const { run, send, sendAtOnce } = await lineWith(make);
    await send([fine]);
    expect(run.line.filters.state('wat')).toEqual({ x: 7 });
    expect(await sendAtOnce(trap5)).toMatchObject({ forwarded: 6 });
    expect((await send([fine])).filters[0]?.counters).toEqual({ judged: 1 });
    await pause(1100);
    expect((await send([bad])).filters[0]).toMatchObject({ failed: 7, counters: { judged: 1 } });
    expect(run.line.filters.state('wat')).toEqual({ x: 0 });
    expect((await send([fine])).filters[0]?.counters).toEqual({ judged: 2 });
    expect(run.log.filter((line) => line.includes('loaded again'))).toEqual([
      'filter wat: trapped too often within a second: it is loaded again in 1 s, and until then packets get what its onError says',
      'filter wat: it was loaded again',
    ]);
    await run.stop();
  });
});

describe('a report', () => {
  it('comes once a second, and says how often it did not', async () => {
    const { run, send } = await lineWith(await filter('unreachable'));
    await send(Array.from({ length: 100 }, () => bad));
    expect(run.log).toHaveLength(1);
    await pause(1100);
    await send([bad]);
    expect(run.log).toHaveLength(2);
    expect(run.log[1]).toContain('(and 99 more since the last report)');
    await run.stop();
  });

  it('keeps the packets on request', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapline-traps-'));
    const path = join(folder, 'traps.pcapng');
    try {
      const { run, send } = await lineWith(await filter('unreachable', MANY, { trapCapture: path }));
      await send([fine, bad, fine, bad]);
      await run.stop();
      await pause(300);
      const { packets } = await readAll(readFileSync(path));
      expect(packets.map(({ data }) => data)).toEqual([bad, bad]);
      expect(readFileSync(path).includes('unreachable at byte')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says once when they cannot be kept', async () => {
    const options = { trapCapture: '/nowhere/at/all.pcapng' };
    const { run, send } = await lineWith(await filter('unreachable', MANY, options));
    expect(await send([bad, bad, fine])).toMatchObject({ forwarded: 1 });
    expect(run.log.filter((line) => line.includes('are not kept'))).toHaveLength(1);
    await run.stop();
  });
});

describe('whatever a module does', () => {
  it('the line goes on', async () => {
    const good = filterOf(`${count(0)} ${evil(drop(1))}`, { reasons: ['x'], counters: ['n'], fuelPerPacket: 1000 });
    const { start = 0, end = 0 } = readSections(good).find(({ id }) => id === SECTION.code) ?? {};
    const change = fc.record({ at: fc.integer({ min: start, max: end - 1 }), value: fc.nat(255) });
    let used = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = good.slice();
        for (const { at, value } of changes) bytes[at] = value;
        const make = await wasmFilter(bytes).catch(() => undefined);
        if (make === undefined) return;
        const [a, b] = [queue(), queue()];
        const run = await started({ ports: { a, b }, filters: [] });
        try {
          run.line.filters.add(make);
          used++;
        } catch (error) {
          expect(error).toMatchObject({ name: 'TaplineError' });
        }
        for (const frame of [fine, bad, tcpFrame()]) a.trySend(frame);
        await settled(run.line, 3, a, b);
        await run.stop();
      }),
      { numRuns: 300 },
    );
    expect(used).toBeGreaterThan(10);
  });
});
