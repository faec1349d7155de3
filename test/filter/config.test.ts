import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/filter/config.ts';
import type { ConfigField, ConfigSchema } from '../../src/filter/declaration.ts';

const ports = new Map([['wan', 3]]);

function read(schema: ConfigSchema, input: Record<string, unknown> = {}) {
  return readConfig('f', schema, input, (name) => ports.get(name));
}

function readOne(field: ConfigField, value: unknown): unknown {
  return read({ x: field }, { x: value })['x'];
}

describe('readConfig', () => {
  it('fills in defaults, and freezes the result', () => {
    const values = read({ a: { type: 'u8', default: 7 }, b: { type: 'boolean' } }, { b: true });
    expect(values).toEqual({ a: 7, b: true });
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('takes each type in its range', () => {
    const limits: [ConfigField['type'], number, number][] = [
      ['u8', 0, 255],
      ['u16', 0, 65_535],
      ['u32', 0, 2 ** 32 - 1],
      ['i32', -(2 ** 31), 2 ** 31 - 1],
    ];
    for (const [type, least, most] of limits) {
      const field = { type } as ConfigField;
      expect([readOne(field, least), readOne(field, most)]).toEqual([least, most]);
      for (const value of [least - 1, most + 1, 0.5, Infinity]) expect(() => readOne(field, value)).toThrow(RangeError);
      for (const value of [NaN, '1', true, null, 1n, [1]]) expect(() => readOne(field, value)).toThrow(TypeError);
    }
    expect(readOne({ type: 'f64' }, -0.5)).toBe(-0.5);
    expect(() => readOne({ type: 'f64' }, Infinity)).toThrow(RangeError);
  });

  it('holds numbers to min and max', () => {
    const field: ConfigField = { type: 'u16', min: 10, max: 20 };
    expect([readOne(field, 10), readOne(field, 20)]).toEqual([10, 20]);
    expect(() => readOne(field, 9)).toThrow('a whole number from 10 to 20');
    expect(() => readOne(field, 21)).toThrow(RangeError);
  });

  it('makes prefixes and port numbers of text', () => {
    expect(readOne({ type: 'prefix' }, '10.0.0.0/8')).toMatchObject({ version: 4, length: 8 });
    expect(readOne({ type: 'port' }, 'wan')).toBe(3);
    expect(() => readOne({ type: 'port' }, 'wam')).toThrow("the line has no port 'wam'");
    expect(() => readOne({ type: 'port' }, 'toString')).toThrow(RangeError);
    expect(() => readOne({ type: 'port' }, 3)).toThrow(TypeError);
    expect(() => readOne({ type: 'prefix' }, 'lan')).toThrow(TypeError);
    expect(() => readOne({ type: 'boolean' }, 1)).toThrow(TypeError);
  });

  it('refuses unknown fields with a suggestion, and wants those without a default', () => {
    const schema: ConfigSchema = { packetsPerSecond: { type: 'u32' } };
    expect(() => read(schema, { packetPerSecond: 1 })).toThrow("did you mean 'packetsPerSecond'?");
    expect(() => read(schema)).toThrow("field 'packetsPerSecond' must be given");
    expect(() => read(schema, { packetsPerSecond: undefined })).toThrow('must be given');
    expect(() => read({ a: { type: 'u8', default: 1 } }, { a: null })).toThrow(TypeError);
  });

  it('knows fields that are called like what every object inherits', () => {
    const schema = Object.fromEntries(
      ['constructor', 'toString'].map((name, i) => [name, { type: 'u8', default: i + 1 } as const]),
    );
    expect(Object.entries(read(schema))).toEqual([
      ['constructor', 1],
      ['toString', 2],
    ]);
    expect(() => read({}, { constructor: 1 })).toThrow(TypeError);
    expect(() => read({}, JSON.parse('{"__proto__": 1}') as Record<string, unknown>)).toThrow(TypeError);
  });
});
