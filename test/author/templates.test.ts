import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEMPLATES } from '../../src/author/scaffold.ts';
import { type FilterFolder, filterFolder } from './support/filterFolder.ts';
import { runNode, tapline } from './support/run.ts';

describe.each(Object.keys(TEMPLATES))('template %s', (template) => {
  let folder: FilterFolder;
  beforeAll(() => {
    folder = filterFolder('my-filter');
  });
  afterAll(() => {
    folder.remove();
  });

  test('is written, with every place filled in, and the next commands', async () => {
    const { code, stdout, stderr } = await tapline(
      ['new', 'my-filter', '--template', template],
      join(folder.path, '..'),
    );
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('npm install') as string });
    const written = stdout.trim().split('\n');
    const names = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
    for (const file of written) expect(names).toContain(file.replace('my-filter/', ''));
    for (const file of written) expect(readFileSync(join(folder.path, '..', file), 'utf8')).not.toMatch(/\{\{/);
  });

  test('builds, may run in place, and its tests pass', async () => {
    const built = await tapline(['build', '--json'], folder.path);
    expect(built.code, built.stderr).toBe(0);
    expect(JSON.parse(built.stdout)).toMatchObject({ name: 'my-filter', obstacle: null, sections: { data: 0 } });
    const tested = await tapline(['test'], folder.path);
    expect(tested.code, tested.stdout + tested.stderr).toBe(0);
  });

  test('has no errors for an editor', async () => {
    const { code, stdout } = await runNode('node_modules/typescript/bin/tsc', ['-p', 'assembly'], folder.path);
    expect(code, stdout).toBe(0);
  });

  // What differs between templates plays no part in these.
  if (template !== 'rate-limit') return;

  test('has no errors in its tests', async () => {
    const { code, stdout } = await runNode('node_modules/typescript/bin/tsc', ['-p', '.'], folder.path);
    expect(code, stdout).toBe(0);
  });

  test('is built by asc alone too, to the same module', async () => {
    const before = readFileSync(join(folder.path, 'build/filter.wasm'));
    const parameters = ['--target', 'release'];
    const { code, stderr } = await runNode('node_modules/assemblyscript/bin/asc.js', parameters, folder.path);
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(folder.path, 'build/filter.wasm')).equals(before)).toBe(true);
  });
});

describe('tapline new', () => {
  let folder: FilterFolder;
  beforeAll(() => {
    folder = filterFolder('there');
    folder.write({ 'precious.txt': 'mine' });
  });
  afterAll(() => {
    folder.remove();
  });

  const inParent = (...parameters: string[]): ReturnType<typeof tapline> =>
    tapline(['new', ...parameters], join(folder.path, '..'));

  test('overwrites nothing', async () => {
    expect(await inParent('there')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is overwritten') as string,
    });
    expect(readdirSync(folder.path)).toEqual(['precious.txt']);
  });

  test.each(['Big', '-x y', '.hidden', 'ä'])('refuses the name %s', async (name) => {
    expect(await inParent('--', name)).toMatchObject({ code: 2 });
    expect(existsSync(join(folder.path, '..', name))).toBe(false);
  });

  test('says what was meant', async () => {
    expect((await inParent('x', '--template', 'rate-limits')).stderr).toContain("did you mean 'rate-limit'");
    expect((await inParent()).code).toBe(2);
  });
});
