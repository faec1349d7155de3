import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaplineError, wasmFilter } from '../../src/index.ts';
import { MEMORY, assemble, filterOf, manifestOf } from './support/wat.ts';

const JUDGE = '(func (export "tapline_judge") (param i32))';
const good = filterOf('', { counters: ['seen'], state: { version: 1, bytes: 64 } });

async function refusal(bytes: Uint8Array, options: object = {}): Promise<string> {
  const error: unknown = await wasmFilter(bytes, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TaplineError);
  expect((error as TaplineError).code).toBe('BAD_FILTER');
  return (error as TaplineError).message;
}

describe('a module is refused', () => {
  it.each([
    [
      'that imports a function',
      `(import "env" "abort" (func (param i32 i32 i32 i32))) ${MEMORY} ${JUDGE}`,
      'it imports the function env.abort: a filter may import nothing but env.memory (asc: --use abort=)',
    ],
    [
      'that imports a global',
      `(import "env" "globalThis" (global i32)) ${MEMORY} ${JUDGE}`,
      'it imports the global env.globalThis',
    ],
    ['that imports a table', `${MEMORY} (import "env" "t" (table 1 funcref)) ${JUDGE}`, 'it imports the table env.t'],
    [
      'that imports another memory',
      `(import "x" "memory" (memory 0 65536 shared)) ${JUDGE}`,
      'it imports the memory x.memory',
    ],
    ['with a memory of its own', `(memory 1) ${JUDGE}`, 'it has a memory of its own'],
    ['without a memory', JUDGE, 'it does not import env.memory'],
    ['whose memory is not shared', `(import "env" "memory" (memory 0 65536)) ${JUDGE}`, 'its memory is not shared'],
    [
      'whose memory has another maximum',
      `(import "env" "memory" (memory 0 100 shared)) ${JUDGE}`,
      'a maximum of 100 pages: it must be 65536',
    ],
    ['that cannot judge', MEMORY, 'it does not export tapline_judge'],
    [
      'whose judge is a global',
      `${MEMORY} (global (export "tapline_judge") i32 (i32.const 0))`,
      'tapline_judge is no function',
    ],
    [
      'whose judge takes nothing',
      `${MEMORY} (func (export "tapline_judge"))`,
      'tapline_judge must take one i32 and return nothing',
    ],
    ['whose judge takes an i64', `${MEMORY} (func (export "tapline_judge") (param i64))`, 'must take one i32'],
    [
      'whose judge returns',
      `${MEMORY} (func (export "tapline_judge") (param i32) (result i32) (i32.const 0))`,
      'return nothing',
    ],
    [
      'whose tick takes two',
      `${MEMORY} ${JUDGE} (func (export "tapline_tick") (param i32 i32))`,
      'tapline_tick must take one i32',
    ],
    ['with names of ours', `${MEMORY} ${JUDGE} (func (export "tapline:mark"))`, "it exports 'tapline:mark'"],
    ['with a huge table', `${MEMORY} (table 20000 funcref) ${JUDGE}`, 'a table of 20000 entries: 10000 are the most'],
    [
      'with thousands of exports',
      `${MEMORY} ${JUDGE} ${Array.from({ length: 3000 }, (_, i) => `(func (export "f${i}"))`).join('')}`,
      'exports: 1000 are the most',
    ],
    [
      'with data, but no block',
      `(import "env" "memory" (memory 1 65536 shared)) (data (i32.const 8) "x") ${JUDGE}`,
      'so it must say where the host',
    ],
    [
      'that grows, but has no block',
      `${MEMORY} (func (export "tapline_judge") (param i32) (drop (memory.grow (i32.const 1))))`,
      'uses memory.grow, so it must say',
    ],
    [
      'with half a block',
      `${MEMORY} (global (export "tapline_block") i32 (i32.const 64)) ${JUDGE}`,
      'without the other',
    ],
    ['with a small block', block(64, 100), 'it reserved 100 bytes at tapline_block: its manifest needs 54400'],
    ['with a block at 0', block(0, 100_000), 'its tapline_block 0'],
    ['with a block that is not aligned', block(65, 100_000), 'its tapline_block 65'],
    ['with a block far away', block(0x7fffffc0, 100_000), 'pages of memory, and may have 17'],
    [
      'that waits',
      `${MEMORY} (func (export "tapline_judge") (param i32) (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))`,
      'memory.atomic.wait',
    ],
  ])('%s', async (_, text, why) => {
    expect(await refusal(assemble(`(module ${text})`))).toContain(why);
  });

  it.each([
    ['without a manifest', null, 'it has no manifest'],
    ['with a manifest that is no JSON', '{', 'its manifest is not JSON'],
    ['with a list for a manifest', '[]', 'not a JSON object'],
    ['for another ABI', { abi: 2 }, 'it was made for version 2 of the filter ABI, and this tapline has version 1'],
    ['for no ABI', JSON.stringify({ name: 'x' }), 'version undefined'],
    ['without a name', { name: '' }, 'without a name'],
    ['without a version', { version: undefined }, 'its version must be'],
    ['with a mistyped key', { windw: 3 }, "'windw', which is not known: did you mean 'window'?"],
    ['with a window that is too large', { window: 4096 }, 'its window must be a whole number from 0 to 2048, got 4096'],
    ['with headroom, but no writes', { headroom: 4 }, 'has headroom, but not writes'],
    ['with a policy that is none', { onShort: 'pass' }, "its onShort must be 'continue' or 'drop', got 'pass'"],
    [
      'with a breaker that is none',
      { breaker: { then: 'explode' } },
      "its then must be 'reload' or 'bypass' or 'closed'",
    ],
    [
      'with too much state',
      { state: { version: 1, bytes: 2 ** 30 } },
      'its bytes must be a whole number from 0 to 16777216',
    ],
    [
      'with state behind its end',
      { state: { version: 1, bytes: 8, fields: [{ name: 'a', type: 'u64', offset: 8 }] } },
      "state field 'a' ends behind",
    ],
    [
      'with state that is not aligned',
      { state: { version: 1, bytes: 16, fields: [{ name: 'a', type: 'u64', offset: 4 }] } },
      'not aligned to its 8 bytes',
    ],
    ['with a config of no type', { config: { a: { type: 'text' } } }, "config field 'a' has type 'text'"],
    ['with a config that is a list', { config: [] }, 'a config that is no object'],
    ['with a reason twice', { reasons: ['a', 'a'] }, 'a reason is declared twice'],
    ['with no fuel', { fuelPerPacket: 0 }, 'its fuelPerPacket must be'],
    ['with too large a manifest', `{"abi":1,"name":"${'x'.repeat(70_000)}"}`, '65536 are the most'],
  ])('%s', async (_, manifest, why) => {
    const bytes = assemble(`(module ${MEMORY} ${JUDGE})`, manifest);
    expect(await refusal(bytes)).toContain(why);
  });

  it('in place, when it has memory of its own, with the way out', async () => {
    const grows = assemble(
      block(64, 60_000).replace('(nop)', '(drop (memory.grow (i32.const 1)))').replace(/^/, '(module ').concat(')'),
    );
    await wasmFilter(grows);
    expect(await refusal(grows, { trusted: true })).toMatch(
      /it uses memory.grow, so it cannot run in place.*or run it sandboxed/,
    );
    const starts = assemble(`(module ${MEMORY} ${JUDGE} (func $s) (start $s))`);
    expect(await refusal(starts, { trusted: true })).toContain('it has a start function');
  });

  it('cut anywhere', async () => {
    for (let length = 0; length < good.length; length++) await refusal(good.subarray(0, length));
  });

  it('or used, whatever was changed in it', async () => {
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = good.slice();
        for (const { at, value } of changes) bytes[at] = value;
        const error: unknown = await wasmFilter(bytes).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(error).toMatchObject({ name: 'TaplineError', code: 'BAD_FILTER' });
      }),
      { numRuns: 2000 },
    );
  });

  it('or used, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (rest) => {
        await refusal(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...rest]));
      }),
    );
  });

  it('that is no module at all', async () => {
    expect(await refusal(new Uint8Array())).toContain('it is empty');
    expect(await refusal(new TextEncoder().encode('export default {}'))).toContain('it is not WebAssembly');
    await expect(wasmFilter('./nowhere.wasm')).rejects.toMatchObject({ code: 'BAD_FILE' });
    await expect(wasmFilter(3 as never)).rejects.toBeInstanceOf(TypeError);
    await expect(wasmFilter(good, { trustd: true } as never)).rejects.toThrow("did you mean 'trusted'?");
    await expect(wasmFilter(good, { seed: -1 })).rejects.toBeInstanceOf(RangeError);
  });
});

describe('manifests', () => {
  it('have defaults', async () => {
    const { manifest } = (await wasmFilter(good))();
    expect(manifest).toMatchObject({
      ...manifestOf(),
      window: 128,
      headroom: 0,
      writes: false,
      checksums: 'partial',
      onShort: 'continue',
      fuelPerPacket: 10_000,
      breaker: { traps: 10, then: 'reload' },
    });
  });
});

function block(address: number, bytes: number): string {
  return `${MEMORY}
    (global (export "tapline_block") i32 (i32.const ${address}))
    (global (export "tapline_block_bytes") i32 (i32.const ${bytes}))
    (func (export "tapline_judge") (param i32) (nop))`;
}
