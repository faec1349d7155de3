import { expect, it } from 'vitest';

import { MAIN } from '../cli/support/tapline.ts';
import { describeLive } from './support/devices.ts';
import { type Output, run } from './support/process.ts';

/** Runs `tapline` with fewer rights. */
async function restricted(options: readonly string[], args: readonly string[]): Promise<Output> {
  return await run('setpriv', [...options, process.execPath, MAIN, ...args], { allowFailure: true });
}

const withoutAdmin = ['--bounding-set', '-net_admin'];

describeLive('without CAP_NET_ADMIN', () => {
  it('run says what failed and what would work', async () => {
    const { code, stdout, stderr } = await restricted(withoutAdmin, [
      'run',
      '--tap',
      'perm0',
      '-f',
      'examples/drop-telnet.mjs',
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Cannot open perm0: ioctl(TUNSETIFF) failed with EPERM');
    expect(stderr).toContain('--cap-add NET_ADMIN');
    expect(stderr).toContain(`unshare -Urn ${process.execPath} ${MAIN} run --tap perm0 -f examples/drop-telnet.mjs\n`);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('the command that it names does work', async () => {
    const { stderr } = await restricted(withoutAdmin, ['run', '--tap', 'perm0']);
    const command = /^ {4}(unshare .*)$/m.exec(stderr)?.[1] ?? '';
    const script = `exec timeout -s INT 2 ${command}`;
    const output = await run('sh', ['-c', script], { allowFailure: true });
    expect(output.stderr).toContain('ready: perm0');
  });

  it('doctor says so, and fails', async () => {
    const { code, stdout } = await restricted(withoutAdmin, ['doctor', '--json']);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    const failed = checks.filter(({ status }) => status === 'fail').map(({ name }) => name);
    expect(failed).toEqual(['CAP_NET_ADMIN', 'device']);
  });

  it('as another user, sudo is named with absolute paths', async () => {
    const nobody = ['--reuid', '65534', '--clear-groups'];
    // Not in a user namespace of one user, nor where nobody may read these files; the unit tests remain.
    const { code: isImpossible } = await run('setpriv', [...nobody, 'test', '-r', MAIN], { allowFailure: true });
    if (isImpossible !== 0) return;
    const { code, stderr } = await restricted(nobody, ['run', '--tap', 'perm0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tapline: Cannot open .*(EACCES|EPERM)/m);
    expect(stderr).toContain(`    sudo ${process.execPath} ${MAIN} run --tap perm0\n`);
  });
});
