import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { makeFolder } from '../cli/support/folder.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { describeLive } from './support/devices.ts';
import { type Child, pause, run, start, until } from './support/process.ts';

const DEMO = [MAIN, 'demo'];

/** Process ids of everything that a demo starts. */
function leftovers(): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && /cli\/demo\/|ping -n -c 10|cli\/main\.js demo/.test(commandLine(pid)),
  );
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Waits until packets flow in it. */
async function running(): Promise<Child> {
  const child = start(process.execPath, DEMO);
  await child.waitFor(/^1 s: [1-9]\d* read/m);
  return child;
}

async function expectNothingLeft(): Promise<void> {
  await until(() => leftovers().length === 0, 'nothing of the demo is left', 3_000);
}

describeLive('tapline demo', () => {
  it('adds up, in time, and leaves nothing behind', async () => {
    const begin = performance.now();
    const { code, stdout, stderr } = await run(process.execPath, DEMO);
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(stdout).not.toMatch(/^ {2}NO/m);
    expect(stdout).toContain('yes  every unwanted datagram was dropped: 1000 of 1000');
    expect(stdout).toContain('yes  no packet disappeared');
    expect(stderr).toMatch(/^1 s: \d+ read, /m);
    expect(code).toBe(0);
    await expectNothingLeft();
  });

  it('draws in one place on a terminal', async () => {
    const { code, stdout } = await run('script', ['-qec', `"${process.execPath}" "${MAIN}" demo`, '/dev/null']);
    expect(code).toBe(0);
    expect(stdout.match(/\x1b\[\d+A\x1b\[J/g)?.length).toBeGreaterThan(5);
    expect(stdout).toContain('Do they agree?');
  });

  it('does without a ping program', async () => {
    using folder = makeFolder();
    for (const tool of ['unshare', 'true']) symlinkSync(await which(tool), join(folder.path, tool));
    const { code, stdout } = await run(process.execPath, DEMO, { env: { PATH: folder.path } });
    expect(stdout).toContain('there is no ping program here');
    expect(stdout).not.toContain('engine: loopback');
    expect(code).toBe(0);
  });

  it('makes a user namespace where it has no rights', async () => {
    const parameters = ['--bounding-set', '-sys_admin,-net_admin', process.execPath, ...DEMO];
    const { code, stdout } = await run('setpriv', parameters);
    expect(stdout).not.toContain('engine: loopback');
    expect(code).toBe(0);
  });

  it('runs in memory where there can be no devices, and says why', async () => {
    const parameters = ['--bounding-set', '-sys_admin,-net_admin', 'unshare', '--user', process.execPath, ...DEMO];
    const { code, stdout, stderr } = await run('setpriv', parameters);
    expect(stderr).toContain('No devices here: ');
    expect(stdout).toContain('engine: loopback');
    expect(code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s, and leaves nothing behind', async (signal) => {
    await using child = await running();
    const { code, stdout } = await child.end(signal, 4_000);
    expect({ code, stdout }).toEqual({ code: signal === 'SIGINT' ? 130 : 143, stdout: '' });
    await expectNothingLeft();
  });

  it('leaves nothing behind when it is interrupted while it starts', async () => {
    for (let i = 0; i < 12; i++) {
      await using child = start(process.execPath, DEMO);
      await pause(50 * i);
      await child.end('SIGINT', 4_000);
    }
    await expectNothingLeft();
  });

  it('leaves nothing behind when it is killed', async () => {
    await using child = await running();
    await child.end('SIGKILL');
    await expectNothingLeft();
  });
});

async function which(command: string): Promise<string> {
  return (await run('bash', ['-c', `type -P ${command}`])).stdout.trim();
}
