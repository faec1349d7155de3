import { expect, it } from 'vitest';

import type { Summary } from '../../src/index.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { hasLink, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace, type Namespace } from './support/namespace.ts';
import { type Child, run, start } from './support/process.ts';
import { ping } from './support/traffic.ts';

/** Once it has an answer, ping waits for the last one no longer than its interval: too short on a busy machine. */
const SLOWLY = ['-i', '0.2'];

/** Sends one datagram for each text, and a moment later is done. */
async function datagrams(host: Namespace, address: string, port: number, hex: readonly string[]): Promise<void> {
  const program = `
    const socket = require('node:dgram').createSocket('udp4');
    for (const text of ${JSON.stringify(hex)}) socket.send(Buffer.from(text, 'hex'), ${port}, '${address}');
    setTimeout(() => socket.close(), 100);`;
  await host.exec(process.execPath, ['-e', program]);
}

/** Two machines, and `tapline run` with these filters between them. */
async function bridge(filters: readonly string[]): Promise<{ left: Namespace; child: Child } & AsyncDisposable> {
  const left = await makeNamespace({ ipv6: false });
  const right = await makeNamespace({ ipv6: false });
  const child = start(process.execPath, [
    ...[MAIN, 'run', '--json', ...filters.flatMap((file) => ['--filter', file])],
    ...['--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.66.0.1/24'],
    ...['--tap', 'wan0', '--netns', `wan0=${right.pid}`, '--address', 'wan0=10.66.0.2/24'],
  ]);
  await child.waitFor(/^ready: /m);
  expect(await ping(left, '10.66.0.2', SLOWLY)).toBe(5);
  return {
    left,
    child,
    async [Symbol.asyncDispose]() {
      await Promise.all([child, left, right].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

async function summaryOf(child: Child): Promise<Summary> {
  return JSON.parse((await child.end()).stdout) as Summary;
}

describeLive('examples', () => {
  it('drop-telnet.mjs drops telnet', async () => {
    await using line = await bridge(['examples/drop-telnet.mjs']);
    const connect = `const s = require('node:net').connect(Number(process.argv[1]), '10.66.0.2');
      s.on('error', (e) => { console.log(e.code); }); setTimeout(() => process.exit(), 500);`;
    // Nothing listens on either port: one is refused, the other is never heard of again.
    const open = await line.left.exec(process.execPath, ['-e', connect, '24']);
    const closed = await line.left.exec(process.execPath, ['-e', connect, '23']);
    expect([open.stdout.trim(), closed.stdout.trim()]).toEqual(['ECONNREFUSED', '']);
    expect((await summaryOf(line.child)).reasons).toEqual({ telnet: 1 });
  });

  it('count-dns.ts counts questions', async () => {
    await using line = await bridge(['examples/count-dns.ts']);
    const question = '123401000001000000000000' + '076578616d706c6503636f6d0000010001';
    await datagrams(line.left, '10.66.0.2', 53, [question, question, 'ff']);
    const summary = await summaryOf(line.child);
    expect(summary.filters[0]).toMatchObject({ name: 'count-dns', counters: { questions: 2, answers: 0 } });
    expect(summary.reasons).toEqual({ shortDns: 1 });
  });

  it('responder.mjs answers for everyone', async () => {
    await using child = start(process.execPath, [
      ...[MAIN, 'run', '--json', '--tun', 'echo0', '--address', '10.99.0.1/24', '--filter', 'examples/responder.mjs'],
    ]);
    await child.waitFor(/^ready: /m);
    for (const size of ['56', '1400']) {
      const options = ['-n', '-c', '3', ...SLOWLY, '-W', '2', '-s', size];
      expect((await run('ping', [...options, '10.99.0.42'])).stdout).toContain('3 received');
    }
    expect((await summaryOf(child)).filters[0]).toMatchObject({ reflected: 6, failed: 0 });
  });

  it('bridge.mjs is a pipeline', async () => {
    await using child = start(process.execPath, [MAIN, 'run', 'examples/bridge.mjs', '--json']);
    await child.waitFor(/^ready: lan \(lan0\), wan \(wan0\)$/m);
    await using far = await makeNamespace({ ipv6: false });
    sh('ip', 'link', 'set', 'dev', 'wan0', 'netns', String(far.pid));
    await far.exec('sh', ['-c', 'ip addr add 10.68.0.2/24 dev wan0; ip link set wan0 up']);
    sh('ip', 'addr', 'add', '10.68.0.1/24', 'dev', 'lan0');
    const { stdout } = await run('ping', ['-n', '-c', '2', ...SLOWLY, '-W', '2', '10.68.0.2']);
    // The way out is one hop longer; the answer comes back as it was sent.
    expect(stdout).toContain('ttl=64');
    const short = await run('ping', ['-n', '-c', '1', '-t', '1', '-W', '1', '10.68.0.2'], { allowFailure: true });
    expect(short.stdout).toContain('0 received');
    const summary = await summaryOf(child);
    expect(summary.reasons['ttlExceeded']).toBeGreaterThanOrEqual(1);
    expect(summary.filters[0]?.modified).toBeGreaterThanOrEqual(2);
  });

  it('tunnel.ts joins two machines', async () => {
    await using left = await makeNamespace();
    await using right = await makeNamespace();
    sh(
      'ip',
      'link',
      'add',
      'veth0',
      'netns',
      String(left.pid),
      'type',
      'veth',
      'peer',
      'veth1',
      'netns',
      String(right.pid),
    );
    await left.exec('sh', ['-c', 'ip addr add 192.0.2.1/24 dev veth0; ip link set veth0 up']);
    await right.exec('sh', ['-c', 'ip addr add 192.0.2.2/24 dev veth1; ip link set veth1 up']);
    const program = [...typescriptFlags(), 'examples/tunnel.ts'];
    const one = left.spawn(process.execPath, [...program, '10.8.0.1/24', '192.0.2.2']);
    const two = right.spawn(process.execPath, [...program, '10.8.0.2/24', '192.0.2.1']);
    await Promise.all([one.waitFor(/^ready$/m), two.waitFor(/^ready$/m)]);
    expect(await ping(left, '10.8.0.2', [...SLOWLY, '-s', '1444'])).toBe(5);
    const [first, second] = [await summaryOf(one), await summaryOf(two)];
    for (const summary of [first, second]) {
      expect(summary.ports['device']?.read).toBeGreaterThanOrEqual(5);
      expect(summary).toMatchObject({ dropped: 0, lost: 0, held: 0 });
    }
    expect(hasLink('tunnel0')).toBe(false);
  });
});

/** What Node needs to run a TypeScript file: nothing from 22.18 on. */
function typescriptFlags(): string[] {
  if ((process.features as { typescript?: unknown }).typescript) return [];
  const hooks = new URL('../../dist/src/cli/load/hooks.js', import.meta.url).href;
  return ['--import', `data:text/javascript,import { installHooks } from ${JSON.stringify(hooks)}; installHooks();`];
}
