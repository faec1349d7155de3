import { expect, it } from 'vitest';

import type { Summary } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { expectBalance } from './support/accounts.ts';
import { hasLink, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace } from './support/namespace.ts';
import { type Child, pause, run, start, until } from './support/process.ts';
import { ping } from './support/traffic.ts';

/** Once it has an answer, ping waits for the last one no longer than its interval: too short on a busy machine. */
const SLOWLY = ['-i', '0.2'];

/** Starts `tapline run` and waits until packets flow. */
async function running(...args: string[]): Promise<Child> {
  const child = start(process.execPath, [MAIN, 'run', ...args]);
  await child.waitFor(/^ready: /m);
  return child;
}

describeLive('tapline run', () => {
  it('bridges two TAP devices in two namespaces, and ends with the summary as JSON', async () => {
    await using left = await makeNamespace({ ipv6: false });
    await using right = await makeNamespace({ ipv6: false });
    await using child = await running(
      ...['--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.66.0.1/24'],
      ...['--tap', 'wan0', '--netns', `wan0=${right.pid}`, '--address', 'wan0=10.66.0.2/24'],
      ...['--filter', 'examples/drop-telnet.mjs', '--json'],
    );
    expect(await ping(left, '10.66.0.2', SLOWLY)).toBe(5);
    const { code, stdout, stderr } = await child.end('SIGTERM');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'ready: lan0, wan0\n' });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ schema: 1, dropped: 0, lost: 0, held: 0 });
    expect(summary.ports['lan0']?.read).toBeGreaterThanOrEqual(5);
    expect(summary.filters.map(({ name, packets }) => [name, packets])).toEqual([['drop-telnet', summary.read]]);
    expectBalance(summary);
  });

  it('reflects on one port, and says so in words', async () => {
    const args = ['--tun', 'echo0', '--address', '10.67.0.1/24', '-f', 'examples/responder.mjs'];
    await using child = await running(...args);
    expect((await run('ping', ['-n', '-c', '3', ...SLOWLY, '-W', '2', '10.67.0.99'])).stdout).toContain('3 received');
    const { code, stdout, stderr } = await child.end('SIGINT');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^ready: echo0\n\d+ packets read\n3 packets forwarded$/m);
    expect(stderr).toMatch(/^ {2}responder +\d+ +\d+ +3 +3$/m);
    expect(hasLink('echo0')).toBe(false);
  });

  it('sets MTU and offloads', async () => {
    await using child = await running('--tap', 'm0', '--tap', 'm1', '--mtu', '9000', '--offloads', 'none');
    expect(sh('ip', 'link', 'show', 'dev', 'm1')).toContain('mtu 9000');
    expect((await child.end()).code).toBe(0);
  });

  it('runs a pipeline file with another filter behind its own', async () => {
    await using child = await running(
      'examples/bridge.mjs',
      '-f',
      'examples/count-dns.ts',
      '--engine',
      'readloop',
      '-j',
    );
    const { code, stdout, stderr } = await child.end();
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'ready: lan (lan0), wan (wan0)\n' });
    expect((JSON.parse(stdout) as Summary).filters.map(({ name }) => name)).toEqual(['hop', 'count-dns']);
  });

  it('ends with code 1 and a summary when a port is lost', async () => {
    await using child = await running('--tap', 'gone0', '--tap', 'gone1', '--json');
    sh('ip', 'link', 'del', 'dev', 'gone0');
    const { code, stdout, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('tapline: Port gone0 was lost');
    expectBalance(JSON.parse(stdout) as Summary);
    expect(hasLink('gone1')).toBe(false);
  });

  it('opens nothing when a filter is wrong, or a later port cannot be had', async () => {
    await using first = await running('--tap', 'taken0');
    const wrong = await run(process.execPath, [MAIN, 'run', '--tap', 'new0', '--tap', 'taken0'], {
      allowFailure: true,
    });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Cannot open taken0: ioctl(TUNSETIFF) failed with EBUSY');
    expect(wrong.stderr).not.toMatch(/^ready:/m);
    expect(wrong.stderr).toContain("tap('NAME', { exclusive: false })");
    expect(hasLink('new0')).toBe(false);
    expect((await first.end()).code).toBe(0);
  });

  it('survives readers that go away', async () => {
    const command = `"${process.execPath}" "${MAIN}" run --tap r0 --tap r1 --json`;
    const script = `exec 3>&1; { ${command} & echo $! >&3; wait $!; echo "code $?" >&3; } 2>&1 >/dev/null | head -1 >/dev/null`;
    await using child = start('bash', ['-c', script]);
    const [, pid = ''] = await child.waitFor(/^(\d+)$/m);
    await until(() => hasLink('r1'), 'it runs');
    await pause(300);
    for (const signal of ['SIGUSR1', 'SIGUSR1', 'SIGTERM'] as const) {
      process.kill(Number(pid), signal);
      await pause(100);
    }
    await child.waitFor(/^code 0$/m);
  });
});
