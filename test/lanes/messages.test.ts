import { describe, expect, it } from 'vitest';
import { ExpressionError, TaplineError, compileExpression, pcapFilter, pcapGuard } from '../../src/index.ts';
import { copyOf } from '../../src/lanes/copy.ts';
import { itemOf, orderOf } from '../../src/lanes/items.ts';
import { Pulse, pulseOf } from '../../src/lanes/pulse.ts';
import { received, toSend } from '../../src/lanes/sentError.ts';
import { count, filterOf } from '../wasm/support/wat.ts';
import { wasmFilter } from '../../src/index.ts';
import { toItem } from '../../src/filter/guarded.ts';

/** Through a thread and back. */
const sent = (error: unknown): Error => received(structuredClone(toSend(error)));

describe('an error that is sent', () => {
  it('keeps its class, code, text and details', () => {
    expect(sent(new TypeError('wrong'))).toBeInstanceOf(TypeError);
    expect(sent(new RangeError('far'))).toBeInstanceOf(RangeError);
    const lost = new TaplineError('PORT_LOST', 'gone', { path: 'lan', errno: 77, syscall: 'read' });
    const back = sent(lost);
    expect(back).toBeInstanceOf(TaplineError);
    expect(back).toMatchObject({ code: 'PORT_LOST', message: 'gone', path: 'lan', errno: 77, syscall: 'read' });
    expect(back.stack).toBe(lost.stack);
  });

  it('may be anything that can be thrown', () => {
    expect(sent('text').message).toBe("'text'");
    expect(sent(null).message).toBe('null');
    expect(sent(new SyntaxError('odd'))).toMatchObject({ name: 'Error', message: 'odd' });
    const bad = thrownBy(() => compileExpression('tcp port'));
    expect(bad).toBeInstanceOf(ExpressionError);
    expect(sent(bad)).toMatchObject({ code: 'BAD_EXPRESSION', message: (bad as Error).message });
  });
});

describe('a filter that is ordered', () => {
  it('is the same one, made of an expression, with its guard', async () => {
    const item = { when: pcapGuard('udp'), filter: pcapFilter('port 53', { onMatch: 'drop', name: 'dns' }) };
    const again = toItem(await itemOf(structuredClone(orderOf(item)), 0));
    expect(again.source.manifest).toEqual({ name: 'dns', reasons: ['match'] });
    expect(again.guard).toBeDefined();
  });

  it('is the same one, compiled, with its configuration; seed and file of traps are the lane’s', async () => {
    const compiled = await wasmFilter(filterOf(count(0), { name: 'counts', counters: ['seen'] }), {
      seed: 0xffffffff,
      trapCapture: '/tmp/a.b/traps.pcapng',
    });
    const order = structuredClone(orderOf(compiled({})));
    expect(order.filter.kind).toBe('wasm');
    const again = toItem(await itemOf(order, 3)).source;
    expect(again.manifest).toMatchObject({ name: 'counts', counters: ['seen'] });
  });

  it('is refused when it was made with what no thread can be sent', async () => {
    const compiled = await wasmFilter(filterOf(count(0), { name: 'counts' }));
    expect(() => orderOf(compiled({ level: () => 1 }))).toThrow(TypeError);
    expect(() => orderOf(compiled({ level: () => 1 }))).toThrow(/Cannot use filter counts in a line with queues/);
  });

  it('keeps the name that it has in other lanes', async () => {
    const order = { ...orderOf(pcapFilter('udp')), name: 'pcap#2' };
    expect(toItem(await itemOf(order, 0)).source.manifest.name).toBe('pcap#2');
  });
});

describe('a state that is copied', () => {
  it('has no view of the filter’s memory any more', () => {
    const memory = new SharedArrayBuffer(1024);
    const list = new Uint16Array(memory, 16, 4).fill(7);
    const table = { type: 'table', bytes: new Uint8Array(memory, 0, 8), capacity: 2 };
    const copy = copyOf({ list, table, seen: 3n, text: 'x', none: undefined });
    list.fill(9);
    expect(copy).toEqual({
      list: Uint16Array.of(7, 7, 7, 7),
      table: { ...table, bytes: new Uint8Array(8) },
      seen: 3n,
      text: 'x',
    });
    expect((copy?.['list'] as Uint16Array).buffer.byteLength).toBe(8);
    expect((structuredClone(copy)?.['list'] as Uint16Array).buffer).not.toBe(memory);
  });

  it('is nothing where there is none', () => {
    expect(copyOf(undefined)).toBeUndefined();
  });
});

describe('a pulse', () => {
  it('is missed when it has stood still five times that it was looked for, not before', () => {
    const pulse = new Pulse();
    const looks = (): boolean[] => Array.from({ length: 5 }, () => pulse.isMissed());
    // A thread that has not begun yet is not dead.
    expect(looks()).toEqual([false, false, false, false, false]);
    Atomics.add(pulse.cell, 0, 1);
    expect(pulse.isMissed()).toBe(false);
    expect(looks()).toEqual([false, false, false, false, true]);
    Atomics.add(pulse.cell, 0, 1);
    expect(pulse.isMissed()).toBe(false);
  });

  it('is given four times in the time that is allowed', () => {
    expect(pulseOf(1000)).toBe(250);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
