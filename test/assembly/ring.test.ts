import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { instantiateDriver } from '../../src/engine/uring/driver.ts';
import { sectionsOf } from './sections.ts';

const binary = readFileSync(new URL('../../build/ring.wasm', import.meta.url));
const DATA_SECTION = 11;
const START_SECTION = 8;

test('ring.wasm has no data and no start function', () => {
  expect(sectionsOf(binary)).not.toContain(DATA_SECTION);
  expect(sectionsOf(binary)).not.toContain(START_SECTION);
});

test('ring.wasm imports its memory and nothing else, and exports no memory', () => {
  const module = new WebAssembly.Module(binary);
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  expect(WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'memory')).toEqual([]);
});

test('ring.wasm has the memory map that the host has', () => {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  expect(() => instantiateDriver(memory)).not.toThrow();
});
