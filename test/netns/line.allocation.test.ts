import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './support/process.ts';

const SCRIPT = fileURLToPath(new URL('../../bench/allocation.js', import.meta.url));
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

// No device is needed; it is here because it runs the built library and wants the machine for itself.
describe('the path of a packet', () => {
  it('allocates nothing: a million packets through a line with a filter', async () => {
    const { code, stdout, stderr } = await run(process.execPath, [...FLAGS, SCRIPT], { allowFailure: true });
    expect(stdout + stderr).toMatch(/^1000192 packets, 0 collections, /);
    expect(code, stdout).toBe(0);
  });
});
