import { expect, it } from 'vitest';

import { MAIN } from '../cli/support/tapline.ts';
import { hasLink } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { pause, start } from './support/process.ts';

const PORTS = ['--tap', 'sig0', '--tap', 'sig1'];
/** Stops after the signal take much less; a hang takes for ever. */
const LIMIT_MS = 3_000;

describeLive('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops it with a summary, code 0', async (signal) => {
    await using child = start(process.execPath, [MAIN, 'run', ...PORTS]);
    await child.waitFor(/^ready: /m);
    const { code, stderr } = await child.end(signal, LIMIT_MS);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\d+ packets read$/m);
    expect(hasLink('sig0')).toBe(false);
  });

  it('SIGUSR1 shows the counters and changes nothing', async () => {
    await using child = start(process.execPath, [MAIN, 'run', ...PORTS, '--json']);
    await child.waitFor(/^ready: /m);
    child.process.kill('SIGUSR1');
    await child.waitFor(/packets read/);
    expect(child.stderr).not.toContain('Debugger');
    expect(child.stdout).toBe('');
    expect(hasLink('sig0')).toBe(true);
    expect(await child.end('SIGTERM', LIMIT_MS)).toMatchObject({ code: 0, stdout: /^\{"schema":1/ });
  });

  it(
    'SIGTERM at any moment leaves no device, ends soon, with 0, or 143 before it is heard',
    { timeout: 300_000 },
    async () => {
      const ends = new Map<string, number>();
      for (let i = 0; i < 100; i++) {
        await using child = start(process.execPath, [MAIN, 'run', ...PORTS]);
        // Spread over start-up and the first moments of running.
        await pause(i * 5);
        const { code, signal } = await child.end('SIGTERM', LIMIT_MS);
        const end = signal ?? `code ${code}`;
        ends.set(end, (ends.get(end) ?? 0) + 1);
        expect(['SIGTERM', 'code 0'], child.stderr).toContain(end);
        expect(hasLink('sig0') || hasLink('sig1')).toBe(false);
      }
      expect(ends.get('code 0')).toBeGreaterThan(10);
    },
  );
});
