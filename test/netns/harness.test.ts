import { expect, it } from 'vitest';
import { describeLive } from './support/devices.ts';
import { link, links } from './support/ip.ts';
import { makeNamespace } from './support/namespace.ts';
import { run, until } from './support/process.ts';

describeLive('the live harness', () => {
  it('makeNamespace() holds an empty namespace, and its processes end with it', async () => {
    const ns = await makeNamespace();
    expect(await links(ns)).toEqual([]);
    const sleeper = ns.spawn('sleep', ['600']);
    await ns.exec('ip', ['tuntap', 'add', 'dev', 'x0', 'mode', 'tap']);
    expect((await link(ns, 'x0')).mtu).toBe(1500);
    await ns[Symbol.asyncDispose]();
    expect((await sleeper.ended).signal).toBe('SIGKILL');
    const outside = await run('ip', ['link', 'show', 'dev', 'x0'], { allowFailure: true });
    expect(outside.code).not.toBe(0);
  });

  it('run() rejects on failure, and kills what takes too long', async () => {
    await expect(run('sh', ['-c', 'echo because >&2; exit 3'])).rejects.toThrow(/ended with 3:\nbecause/);
    await expect(run('sleep', ['5'], { timeoutMs: 50 })).rejects.toThrow('did not end in 50 ms');
    const tail = await run('cat', [], { input: 'bytes' });
    expect(tail.stdout).toBe('bytes');
  });

  it('until() gives up', async () => {
    await expect(until(() => false, 'never', 20)).rejects.toThrow('Not within 20 ms: never');
  });
});
