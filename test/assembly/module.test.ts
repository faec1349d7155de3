import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as fields from '../../assembly/fields.ts';
import { openBench } from './bench.ts';
import { sectionsOf } from './sections.ts';

const binary = readFileSync(new URL('../../build/core.wasm', import.meta.url));
const DATA_SECTION = 11;
const START_SECTION = 8;

test('core.wasm has no data and no start function, so that lines can share it', () => {
  const sections = sectionsOf(binary);
  expect(sections).not.toContain(DATA_SECTION);
  expect(sections).not.toContain(START_SECTION);
});

test('core.wasm imports the memory and nothing else', () => {
  expect(WebAssembly.Module.imports(new WebAssembly.Module(binary))).toEqual([
    { module: 'env', name: 'memory', kind: 'memory' },
  ]);
});

test('core.wasm takes a memory of the largest maximum that is shared, and no smaller promise', () => {
  expect(() => openBench(1)).not.toThrow();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  expect(() => new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })).toThrow(
    WebAssembly.LinkError,
  );
});

test('core.wasm and TypeScript mean the same header fields', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  for (const [name, value] of Object.entries(fields)) {
    const global = exports[name];
    expect(global instanceof WebAssembly.Global && global.value, name).toBe(value);
  }
});
