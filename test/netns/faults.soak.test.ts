import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeLive } from './support/devices.ts';
import { run } from './support/process.ts';

const SOAK = fileURLToPath(new URL('../soak/run.js', import.meta.url));

describeLive(
  'a short soak',
  () => {
    it('leaks nothing, and counts as the kernel does', { timeout: 120_000 }, async () => {
      const options = { timeoutMs: 100_000, allowFailure: true };
      const { stdout, stderr, code } = await run(process.execPath, [SOAK, '--minutes', '0.4', '--json'], options);
      expect(JSON.parse(stdout), stderr).toMatchObject({ complaints: [] });
      expect(code).toBe(0);
    });
  },
  { needs: ['iperf3'] },
);
