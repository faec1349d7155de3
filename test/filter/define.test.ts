import { describe, expect, it } from 'vitest';
import { defineFilter, toFilterSource } from '../../src/filter/define.ts';

const nothing = () => undefined;

/** Defines what the types would not let pass. */
function define(changes: object): unknown {
  return defineFilter({ name: 'f', filter: nothing, ...changes });
}

describe('defineFilter', () => {
  it('wants a name of 1 to 64 characters', () => {
    for (const name of ['', 'x'.repeat(65), undefined, 5]) expect(() => define({ name })).toThrow(TypeError);
    expect(() => define({ name: 'x'.repeat(64) })).not.toThrow();
  });

  it('wants counters, reasons and config fields with proper names, each once, 64 at most', () => {
    const many = Array.from({ length: 65 }, (_, i) => `n${i}`);
    for (const list of ['counters', 'reasons']) {
      for (const names of [['a', 'a'], ['1a'], [''], ['a b'], many, 'abc', [5], { 0: 'a', length: 1 }]) {
        expect(() => define({ [list]: names }), JSON.stringify(names)).toThrow(TypeError);
      }
      expect(() => define({ [list]: many.slice(1) })).not.toThrow();
    }
    expect(() => define({ config: { 'a b': { type: 'u8' } } })).toThrow(TypeError);
  });

  it('wants known types, and defaults that fit', () => {
    expect(() => define({ config: { x: { type: 'u64' } } })).toThrow("has type 'u64': use u8, u16");
    expect(() => define({ config: { x: {} } })).toThrow(TypeError);
    expect(() => define({ config: { x: { type: 'u8', default: 256 } } })).toThrow(RangeError);
    expect(() => define({ config: { x: { type: 'u8', default: 5, min: 6 } } })).toThrow(RangeError);
    expect(() => define({ config: { x: { type: 'prefix', default: 'lan' } } })).toThrow(TypeError);
    expect(() => define({ config: { x: { type: 'port', default: 'any' } } })).not.toThrow();
  });

  it('wants onShort to be drop or continue', () => {
    for (const onShort of ['pass', '', 1, null]) expect(() => define({ onShort })).toThrow(TypeError);
    for (const onShort of ['drop', 'continue']) expect(() => define({ onShort })).not.toThrow();
  });

  it('wants superPackets to be whole or segments', () => {
    for (const superPackets of ['all', '', 1, null, true]) expect(() => define({ superPackets })).toThrow(TypeError);
    for (const superPackets of ['whole', 'segments', undefined]) expect(() => define({ superPackets })).not.toThrow();
    expect(() => define({ superPacket: 'segments' })).toThrow("'superPackets'");
  });

  it('wants onError to be drop or pass', () => {
    for (const onError of ['open', '', 1, null]) expect(() => define({ onError })).toThrow(TypeError);
    for (const onError of ['drop', 'pass']) expect(() => define({ onError })).not.toThrow();
  });
});

describe('toFilterSource', () => {
  it('takes sources, plain objects, factories, and functions that return them', () => {
    const plain = { name: 'plain', filter: nothing };
    const factory = defineFilter(plain);
    for (const filter of [plain, factory, factory(), () => plain, () => factory, () => () => plain]) {
      expect(toFilterSource(filter).manifest.name).toBe('plain');
    }
  });

  it('refuses everything else, and says what it got', () => {
    const wrong = [undefined, null, 5, 'drop', {}, [], { filter: 5 }, { open: nothing }, () => undefined, Symbol('x')];
    for (const filter of [...wrong, Promise.resolve(), Object.create(null)]) {
      expect(() => toFilterSource(filter)).toThrow(/^Cannot use .* as a filter/);
    }
    expect(() => toFilterSource(Promise.resolve())).toThrow('a promise');
    expect(() => toFilterSource([{ name: 'x', filter: nothing }])).toThrow('a list');
    expect(() => toFilterSource({ nam: 'x', fliter: nothing })).toThrow('an object with keys nam, fliter');
    expect(() => toFilterSource({ filter: nothing })).toThrow('filter without a name');
    expect(() => toFilterSource({ manifest: {}, open: nothing })).toThrow('filter without a name');
  });
});
