import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RULES, checkDeclaration } from '../../src/author/checkDeclaration.ts';

const good = {
  name: 'sample',
  config: { port: { type: 'u16', default: 23 } },
  counters: ['seen'],
  reasons: ['too-fast'],
  window: 200,
  state: {
    version: 1,
    fields: {
      n: { type: 'u64' },
      list: { type: 'u8', length: 3 },
      map: { type: 'LruMap', capacity: 10, value: { hits: 'u32', bucket: 'TokenBucket' } },
      flows: { type: 'FlowTable', key: 'flow', capacity: 10, value: { packets: 'u64' } },
      nets: { type: 'PrefixTable', capacity: 4 },
      bucket: { type: 'TokenBucket' },
    },
  },
};

function withField(field: unknown): object {
  return { name: 'x', state: { version: 1, fields: { f: field } } };
}

test('a whole declaration is taken', () => {
  checkDeclaration(good);
});

describe('filter.json is refused', () => {
  test.each<[unknown, string]>([
    [[], 'expected an object'],
    [null, 'expected an object'],
    [{}, "'name' must be"],
    [{ name: 'x', widow: 3 }, "did you mean 'window'"],
    [{ name: 'x', window: 4096 }, 'window is 4096: it must be from 14 to 2048'],
    [{ name: 'x', window: '128' }, 'window must be a whole number'],
    [{ name: 'x', headroom: 1.5 }, 'headroom must be a whole number'],
    [{ name: 'x', writes: 1 }, 'writes must be true or false'],
    [{ name: 'x', onShort: 'drp' }, "did you mean 'drop'"],
    [{ name: 'x', counters: 'seen' }, 'must be a list of names'],
    [{ name: 'x', config: [] }, 'config must be an object'],
    [{ name: 'x', config: { a: 3 } }, 'config.a must be an object'],
    [{ name: 'x', config: { 'a-b': { type: 'u8' } } }, 'becomes a name in code'],
    [{ name: 'x', config: { a: { type: 'u8', default: 300 } } }, 'from 0 to 255'],
    [{ name: 'x', breaker: { then: 'explode' } }, 'breaker.then must be'],
    [{ name: 'x', state: 3 }, 'state must be an object'],
    [{ name: 'x', state: { fields: {} } }, 'state.version must be'],
    [{ name: 'x', state: { version: 1 } }, 'state.fields must be an object'],
    [withField(3), 'must be an object as in'],
    [withField({ type: 'u128' }), "did you mean 'u8'"],
    [withField({ type: 'u8', length: 0 }), 'it must be from 1'],
    [withField({ type: 'LruMap', capacity: 0, value: { a: 'u8' } }), 'capacity is 0'],
    [withField({ type: 'LruMap', capacity: 1, value: {} }), 'at least one field'],
    [withField({ type: 'FlowTable', capacity: 1, value: { a: 'u8' } }), 'key must be'],
    [withField({ type: 'LruMap', capacity: 1000000, value: { a: 'u64', b: 'u64', c: 'u64' } }), 'at most 16777216'],
    [withField({ type: 'u8', capacity: 3 }), "there is no 'state.fields.f.capacity'"],
  ])('%j: %s', (declaration, why) => {
    expect(() => {
      checkDeclaration(declaration);
    }).toThrow(why);
  });
});

test('the schema for editors has the same keys', () => {
  const schema = JSON.parse(readFileSync('filter.schema.json', 'utf8')) as { properties: object };
  expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(RULES).sort());
});
