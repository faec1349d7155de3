import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

import { makeFolder } from './support/folder.ts';
import { tapline } from './support/tapline.ts';

const folder = makeFolder();
afterAll(() => {
  folder[Symbol.dispose]();
});

/** Loads a file as `tapline run --filter` does, in a process of its own. */
function load(path: string): { readonly names: string[]; readonly error: string } {
  const script = `
    import { loadFilters } from ${JSON.stringify(built('load/filters.js'))};
    try { console.log(JSON.stringify((await loadFilters(process.argv[1])).map((filter) => filter.manifest.name))); }
    catch (error) { console.error(error.code + ' ' + error.message); }`;
  const parameters = ['--no-warnings', '--input-type=module', '-e', script, path];
  const { stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8', timeout: 20_000 });
  return { names: JSON.parse(stdout || '[]') as string[], error: stderr.trim() };
}

function built(file: string): string {
  return new URL(`../../dist/src/cli/${file}`, import.meta.url).href;
}

describe('a filter file in a folder of its own', () => {
  it.each([
    ['plain.mjs', `export default { name: 'plain', filter() {} };`],
    ['plain.js', `export default { name: 'plain', filter() {} };`],
    ['common.js', `module.exports = { name: 'plain', filter() {} };`],
    [
      'import.mjs',
      `import { defineFilter } from 'tapline'; export default defineFilter({ name: 'plain', filter() {} });`,
    ],
    ['factory.mjs', `export default () => ({ name: 'plain', filter() {} });`],
    [
      'types.ts',
      `import { defineFilter, type Packet } from 'tapline';
       interface Port { readonly number: number }
       const port: Port = { number: 23 };
       export default defineFilter({ name: 'plain', filter: (packet: Packet) => { if (packet.sourcePort === port.number) packet.drop(); } });`,
    ],
    ['types.mts', `const name: string = 'plain'; export default { name, filter() {} };`],
    ['typeless.ts', `export default { name: 'plain', filter() {} };`],
  ])('%s is loaded', (name, text) => {
    expect(load(folder.write(name, text))).toEqual({ names: ['plain'], error: '' });
  });

  it('may hold several', () => {
    const file = folder.write(
      'several.mjs',
      `import { defineFilter } from 'tapline';
       export default [{ name: 'a', filter() {} }, defineFilter({ name: 'b', filter() {} }), defineFilter({ name: 'c', filter() {} })()];`,
    );
    expect(load(file)).toEqual({ names: ['a', 'b', 'c'], error: '' });
  });

  it('may import other files, TypeScript too', () => {
    folder.write('part.ts', `import { prefix } from 'tapline'; export const lan: unknown = prefix('10.0.0.0/8');`);
    const file = folder.write(
      'whole.ts',
      `import { lan } from './part.ts'; export default { name: String(lan !== null), filter() {} };`,
    );
    expect(load(file)).toEqual({ names: ['true'], error: '' });
  });

  it('gets the library of this installation, and one copy of it', () => {
    const file = folder.write(
      'copy.mjs',
      `import { TaplineError } from 'tapline';
       import { TaplineError as ours } from ${JSON.stringify(new URL('../../dist/src/errors.js', import.meta.url).href)};
       export default { name: String(TaplineError === ours), filter() {} };`,
    );
    expect(load(file)).toEqual({ names: ['true'], error: '' });
  });

  it.each([
    ['none.mjs', 'export const filter = () => {};', /it has no default export: write export default \{ name:/],
    ['number.mjs', 'export default 5;', /Cannot use 5 as a filter/],
    ['unnamed.mjs', 'export default { filter() {} };', /filter without a name/],
    ['misspelt.mjs', `export default { name: 'x', fliter() {} };`, /an object with keys name, fliter as a filter/],
    ['twice.mjs', `export default { name: 'x', reasons: ['a', 'a'], filter() {} };`, /a reason is declared twice/],
    [
      'bare.mjs',
      'export default (packet) => packet.drop();',
      /a function is called without arguments and must return a filter/,
    ],
    ['throws.mjs', `throw new Error('boom');`, /Cannot load .*throws\.mjs: Error: boom\n +at .*throws\.mjs:1/],
    ['missing.mjs', `import 'not-there';`, /Cannot find package 'not-there'/],
    ['export.mjs', `import { nope } from 'tapline';`, /does not provide an export named 'nope'/],
    ['syntax.mjs', 'const a = 1;\nconst b = = 2;', /syntax\.mjs:2\n/],
    ['syntax.ts', 'const a: number = 1;\nconst b: = 2;', /syntax\.ts:2/],
  ])('%s is refused with the reason', (name, text, message) => {
    const { names, error } = load(folder.write(name, text));
    expect(names).toEqual([]);
    expect(error).toMatch(/^BAD_FILE /);
    expect(error).toMatch(message);
  });
});

describe('a pipeline file', () => {
  it.each([
    ['filter.mjs', `export default { name: 'x', filter() {} };`, 'got a filter: use it with --filter'],
    ['nothing.mjs', '', 'got none'],
    ['function.mjs', 'export default () => ({ ports: {} });', 'got a function'],
    ['other.mjs', 'export default { port: 1 };', 'got an object with keys port'],
    ['filters.mjs', 'export default { ports: {}, filters: {} };', 'got an object with keys ports, filters'],
  ])('%s is refused', (name, text, message) => {
    const path = folder.write(name, text);
    const { code, stdout, stderr } = tapline(['run', path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`tapline: Cannot use ${path} as a pipeline: its default export must be`);
    expect(stderr).toContain(message);
  });

  it.each([
    ['ports.mjs', 'export default { ports: {} };', 'Cannot open the pipeline: Cannot open a line with 0 ports'],
    ['key.mjs', `export default { ports: {}, filtres: [] };`, "did you mean 'filters'?"],
  ])('%s is refused by the line, without a stack', (name, text, message) => {
    const { code, stderr } = tapline(['run', folder.write(name, text)]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('the example filters', () => {
  it.each([
    ['drop-telnet.mjs', 'drop-telnet'],
    ['count-dns.ts', 'count-dns'],
    ['responder.mjs', 'responder'],
  ])('%s is loaded', (file, name) => {
    const path = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
    expect(load(path)).toEqual({ names: [name], error: '' });
  });
});
