import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scaffold } from '../../src/author/scaffold.ts';
import { type FilterFolder, filterFolder } from './support/filterFolder.ts';
import { tapline } from './support/run.ts';

describe('a filter that was packed and installed', () => {
  let folder: FilterFolder;
  let user: string;
  beforeAll(async () => {
    folder = filterFolder('my-filter');
    scaffold(folder.path, 'rate-limit');
    expect(await tapline(['build'], folder.path)).toMatchObject({ code: 0 });
    const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder.path, encoding: 'utf8' });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    // As npm would install it, in a folder without a compiler.
    user = join(folder.path, '../user');
    const target = join(user, 'node_modules/my-filter');
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder.path, filename), '-C', target, '--strip-components=1']);
    mkdirSync(join(user, 'node_modules/other'), { recursive: true });
    writeFileSync(join(user, 'node_modules/other/package.json'), '{"name":"other","exports":{".":"./x.js"}}');
  }, 60_000);
  afterAll(() => {
    folder.remove();
  });

  test('is looked at by name before it runs', async () => {
    const { code, stdout } = await tapline(['inspect', 'npm:my-filter', '--json'], user);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      manifest: { name: 'my-filter', version: '0.1.0', abi: 1 },
      imports: ['env.memory'],
      obstacle: null,
      memory: { maximumPages: expect.any(Number) as number },
    });
    const words = (await tapline(['inspect', 'npm:my-filter'], user)).stdout;
    expect(words).toContain('my-filter 0.1.0, filter ABI 1');
    expect(words).toMatch(/--set packetsPerSecond +u32 +default 100 +Of each source address\./);
  });

  test('is found by name for a line; the compiler is not needed', async () => {
    // One port that cannot be opened: everything before that has worked.
    const { code, stderr } = await tapline(
      ['run', '--tap', 'x0', '--filter', 'npm:my-filter', '--set', 'my-filter.burst=zero'],
      user,
    );
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('my-filter.burst must be a number') as string,
    });
  });

  test.each([
    ['npm:my-filer', 'it is not installed here: npm install my-filer'],
    ['npm:other', 'it exports no ./filter.wasm'],
    ['npm:../x', 'no name of a package'],
    ['./nothing.wasm', 'there is no such file'],
    ['.', 'there is neither filter.json nor build/filter.wasm'],
  ])('%s is refused: %s', async (name, why) => {
    const { code, stderr } = await tapline(['inspect', name], user);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(why);
  });

  test('a module that no line would take is not described', async () => {
    const bytes = readFileSync(join(user, 'node_modules/my-filter/build/filter.wasm'));
    writeFileSync(join(user, 'cut.wasm'), bytes.subarray(0, bytes.length - 3));
    expect(await tapline(['inspect', './cut.wasm'], user)).toMatchObject({ code: 1, stdout: '' });
    rmSync(join(user, 'cut.wasm'));
  });
});
