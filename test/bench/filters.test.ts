import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { FilterLike } from '../../src/filter/define.ts';
import { tcpFrame, udpFrame } from '../../src/testing/frames.ts';
import { tryFilter } from '../../src/testing/trial.ts';
import { wasmFilter } from '../../src/wasm/wasmFilter.ts';
import { type ManifestFields, assemble } from '../wasm/support/wat.ts';

const folder = new URL('../../bench/cases/filters/', import.meta.url);
const texts = readdirSync(folder).filter((name) => name.endsWith('.wat'));
const manifests = JSON.parse(readFileSync(new URL('manifests.json', folder), 'utf8')) as Record<string, ManifestFields>;

describe('compiled filters of the benchmark', () => {
  it.each(texts.map((file) => basename(file, '.wat')))('%s.wasm is made of its text', (name) => {
    const made = assemble(readFileSync(new URL(`${name}.wat`, folder), 'utf8'), manifests[name], { isOptimized: true });
    const module = new URL(`${name}.wasm`, folder);
    // To be called after a change of the text.
    if (process.env['MAKE_FILTERS'] === '1') writeFileSync(module, made);
    expect(Buffer.from(made).equals(readFileSync(module))).toBe(true);
  });

  it.each([true, false])('noTelnet drops what noTelnet.js drops (trusted: %s)', async (trusted) => {
    const compiled = (await wasmFilter(new URL('noTelnet.wasm', folder), { trusted }))();
    const frames = [23, 24].flatMap((destinationPort) => [
      tcpFrame({ destinationPort }),
      udpFrame({ destinationPort }),
    ]);
    const verdicts = (await tryFilter(compiled, frames)).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['drop', 'continue', 'continue', 'continue']);
    const plain = await tryFilter(await filterOf('noTelnet.js'), frames);
    expect(plain.map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  it.each([true, false])('writeMac writes what writeMac.js writes (trusted: %s)', async (trusted) => {
    const compiled = (await wasmFilter(new URL('writeMac.wasm', folder), { trusted }))();
    const frame = tcpFrame({ sourceMac: '0a:00:00:00:00:01' });
    const [ours, plain] = [await tryFilter(compiled, [frame]), await tryFilter(await filterOf('writeMac.js'), [frame])];
    expect(ours[0]?.bytes?.[6]).toBe(2);
    expect(ours).toEqual(plain);
  });
});

async function filterOf(name: string): Promise<FilterLike> {
  return ((await import(new URL(name, folder).href)) as { readonly default: FilterLike }).default;
}
