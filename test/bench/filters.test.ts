import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';

import { tcpFrame, udpFrame } from '../../src/testing/frames.ts';
import { tryFilter } from '../../src/testing/trial.ts';
import { wasmFilter } from '../../src/wasm/wasmFilter.ts';

const folder = new URL('../../bench/cases/filters/', import.meta.url);

/** The module of a text, as a compiler would leave it. */
function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    module.optimize();
    const manifest = JSON.stringify({ abi: 1, name: 'no-telnet', version: '1.0.0' });
    module.addCustomSection('tapline.manifest', new TextEncoder().encode(manifest));
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

describe('noTelnet.wasm', () => {
  it('is made of noTelnet.wat', () => {
    const made = assemble(readFileSync(new URL('noTelnet.wat', folder), 'utf8'));
    expect(Buffer.from(made).equals(readFileSync(new URL('noTelnet.wasm', folder)))).toBe(true);
  });

  it.each([true, false])('drops what noTelnet.js drops (trusted: %s)', async (trusted) => {
    const { default: plain } = (await import(new URL('noTelnet.js', folder).href)) as {
      default: { name: string; filter: () => undefined };
    };
    const compiled = (await wasmFilter(new URL('noTelnet.wasm', folder), { trusted }))();
    const frames = [23, 24].flatMap((destinationPort) => [
      tcpFrame({ destinationPort }),
      udpFrame({ destinationPort }),
    ]);
    const verdicts = (await tryFilter(compiled, frames)).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['drop', 'continue', 'continue', 'continue']);
    expect((await tryFilter(plain, frames)).map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});
