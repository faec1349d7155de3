import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { filterFrom } from '../../src/index.ts';
import { tcpFrame, tryFilter, udpFrame } from '../../src/testing/index.ts';
import { makeFolder } from '../cli/support/folder.ts';

const folder = makeFolder();
afterAll(() => {
  folder[Symbol.dispose]();
});

const path = folder.write(
  'filters.mjs',
  `export default { name: 'plain', filter: (packet) => (packet.isTcp ? packet.drop() : undefined) };
   export const port = {
     name: 'port',
     config: { number: { type: 'u16', default: 53 } },
     filter: (packet, { config }) => (packet.destinationPort === config.number ? packet.drop() : undefined),
   };
   export const made = async ({ name }) => ({ name, filter: () => undefined });
   export const greedy = (argument) => {
     argument.name ??= 'greedy';
     argument.log = () => undefined;
     return { name: argument.name, filter: () => undefined };
   };
   export const guarded = { when: 'udp', filter: port };
   export const number = 7;`,
);
const frames = [tcpFrame({ destinationPort: 80 }), udpFrame({ destinationPort: 53 }), udpFrame({ destinationPort: 9 })];

/** What it drops of the three frames. */
async function drops(filter: Parameters<typeof tryFilter>[0]): Promise<boolean[]> {
  return (await tryFilter(filter, frames)).map(({ verdict }) => verdict === 'drop');
}

describe('filterFrom', () => {
  it('takes the default export, by path and by URL, for a line of any kind', async () => {
    for (const module of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      expect(await drops(await filterFrom(module))).toEqual([true, false, false]);
    }
  });

  it('configures a filter with the argument, or calls a function with it', async () => {
    expect(await drops(await filterFrom(path, { export: 'port' }))).toEqual([false, true, false]);
    expect(await drops(await filterFrom(path, { export: 'port', argument: { number: 9 } }))).toEqual([
      false,
      false,
      true,
    ]);
    expect((await filterFrom(path, { export: 'made', argument: { name: 'anna' } })).manifest.name).toBe('anna');
  });

  it('gives a function an argument of its own', async () => {
    const greedy = await filterFrom(path, { export: 'greedy', argument: {} });
    expect(greedy.manifest.name).toBe('greedy');
    expect(greedy.recipe).toMatchObject({ argument: {} });
    expect(structuredClone(greedy.recipe)).toEqual(greedy.recipe);
  });

  it('knows how it was made, with a copy of the argument', async () => {
    const argument = { number: 9 };
    const filter = await filterFrom(path, { export: 'port', argument });
    argument.number = 10;
    const url = pathToFileURL(path).href;
    expect(filter.recipe).toEqual({ kind: 'module', url, path: ['port'], argument: { number: 9 } });
    expect(filter.config).toEqual({ number: 9 });
  });

  it.each([
    [[folder.path + '/none.mjs'], 'BAD_FILE', 'there is no such file'],
    [
      [path, { export: 'nothing' }],
      'BAD_FILE',
      "it has no export 'nothing': it exports default, greedy, guarded, made, number",
    ],
    [[folder.write('empty.mjs', '')], 'BAD_FILE', "no export 'default': it exports nothing"],
    [[folder.write('bad.mjs', 'export default ]')], 'BAD_FILE', 'Cannot load the filter of'],
    [[folder.write('throws.mjs', 'throw new Error("not today")')], 'BAD_FILE', 'not today'],
  ] as const)('fails for %j with %s: %s', async ([module, options], code, text) => {
    await expect(filterFrom(module, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as unknown,
    });
  });

  it.each([
    [[path, { export: 'number' }], 'Cannot use 7 as a filter'],
    [[path, { export: 'guarded' }], "put its 'when' beside it"],
    [[path, { export: 'number', argument: 1 }], 'an argument'],
    [[path, { exports: 'port' }], "did you mean 'export'?"],
    [[path, { export: '' }], 'export must be the name'],
    [[path, { argument: () => 1 }], 'structured clone'],
    [[''], 'expected a path or a file: URL'],
    [[path, null], 'options must be { export, argument }, got null'],
    [[path, 'port'], "options must be { export, argument }, got 'port'"],
    [[new URL('https://example.org/x.js')], 'expected a path or a file: URL'],
    [['https://example.org/x.js'], 'expected a path or a file: URL'],
    [[undefined], 'expected a path or a file: URL'],
  ])('refuses %j: %s', async (given, text) => {
    await expect(filterFrom(...(given as unknown as Parameters<typeof filterFrom>))).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(text) as unknown }),
    );
  });
});
