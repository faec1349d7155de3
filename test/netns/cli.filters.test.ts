import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { zoneHash } from '../../examples/dns-sinkhole/zone.mjs';
import { build } from '../../src/author/build.ts';
import { scaffold } from '../../src/author/scaffold.ts';
import type { Summary } from '../../src/index.ts';
import { filterFolder } from '../author/support/filterFolder.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { dnsQuestion } from '../examples/support/messages.ts';
import { expectBalance } from './support/accounts.ts';
import { describeLive } from './support/devices.ts';
import { makeNamespace, type Namespace } from './support/namespace.ts';
import { type Child, run, start } from './support/process.ts';
import { ping } from './support/traffic.ts';

// Filters in AssemblyScript, compiled from their packages and run on real devices by the command line.

/** How long a build may take on a busy machine. */
const PATIENCE_MS = 60_000;
const SLOWLY = ['-i', '0.2'];

/** Two machines, and `tapline run` with these filters between them. */
async function bridge(
  ...args: readonly string[]
): Promise<{ left: Namespace; right: Namespace; child: Child } & AsyncDisposable> {
  const left = await makeNamespace({ ipv6: false });
  const right = await makeNamespace({ ipv6: false });
  const child = start(process.execPath, [
    ...[MAIN, 'run', '--json', ...args],
    ...['--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.66.0.1/24'],
    ...['--tap', 'wan0', '--netns', `wan0=${right.pid}`, '--address', 'wan0=10.66.0.2/24'],
  ]);
  await child.waitFor(/^ready: /m);
  return {
    left,
    right,
    child,
    async [Symbol.asyncDispose]() {
      await Promise.all([child, left, right].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

async function summaryOf(child: Child): Promise<Summary> {
  const summary = JSON.parse((await child.end()).stdout) as Summary;
  expectBalance(summary);
  return summary;
}

const names = ['telnet-blocker', 'source-limiter', 'dns-sinkhole', 'sni-blocker', 'ttl-rewriter', 'host'] as const;

/** Folder of an example, which was built. */
function example(name: (typeof names)[number]): string {
  return `examples/${name}`;
}

/** Runs a program in a machine. */
async function program(host: Namespace, text: string): Promise<string> {
  return (await host.exec(process.execPath, ['-e', text])).stdout.trim();
}

describeLive('filters in AssemblyScript', () => {
  beforeAll(async () => {
    for (const name of names) await build(`examples/${name}`, { targets: ['release'] });
  }, 240_000);

  it('host: a whole host in one filter, pinged over IPv4 and IPv6', async () => {
    const folder = example('host');
    await using child = start(process.execPath, [
      ...[MAIN, 'run', '--json', '--tap', 'host0', '--address', '10.70.0.1/24', '--address', 'fd70::1/64'],
      ...['--filter', folder, '--set', 'host.address=10.70.0.2/32', '--set', 'host.address6=fd70::2/128'],
    ]);
    await child.waitFor(/^ready: /m);
    expect((await run('ping', ['-n', '-c', '3', ...SLOWLY, '-W', '3', '10.70.0.2'])).stdout).toContain('3 received');
    const six = await run('ping', ['-6', '-n', '-c', '8', '-i', '0.3', '-W', '2', 'fd70::2'], { allowFailure: true });
    // Until the kernel is sure that its own address is no duplicate, it asks without it.
    expect(six.stdout).toMatch(/[1-8] received/);
    const [filter] = (await summaryOf(child)).filters;
    expect(filter?.counters['echo']).toBeGreaterThanOrEqual(4);
    expect(filter?.counters['arp']).toBeGreaterThanOrEqual(1);
    expect(filter?.counters['neighbor']).toBeGreaterThanOrEqual(1);
    expect(filter?.failed).toBe(0);
  });

  it('telnet-blocker, ttl-rewriter and source-limiter in one line', async () => {
    const folders = ['telnet-blocker', 'ttl-rewriter', 'source-limiter'].map((name) => `examples/${name}`);
    await using line = await bridge(...folders.flatMap((folder) => ['-f', folder]), '--set', 'ttl-rewriter.ttl=33');
    const { stdout } = await line.left.exec('ping', ['-n', '-c', '3', ...SLOWLY, '-W', '2', '10.66.0.2']);
    expect(stdout).toContain('ttl=33');
    const connect = (port: number): string => `const s = require('node:net').connect(${port}, '10.66.0.2');
      s.on('error', (e) => { console.log(e.code); }); setTimeout(() => process.exit(), 500);`;
    expect([await program(line.left, connect(24)), await program(line.left, connect(23))]).toEqual([
      'ECONNREFUSED',
      '',
    ]);
    const summary = await summaryOf(line.child);
    expect(summary.reasons).toEqual({ telnet: 1 });
    expect(summary.filters.map(({ name }) => name)).toEqual(['telnet-blocker', 'ttl-rewriter', 'source-limiter']);
  });

  it('dns-sinkhole answers by itself', async () => {
    await using line = await bridge(
      '-f',
      example('dns-sinkhole'),
      '--set',
      `dns-sinkhole.zone1=${zoneHash('ads.test')}`,
    );
    expect(await ping(line.left, '10.66.0.2', SLOWLY)).toBe(5);
    const question = Buffer.from(dnsQuestion('x.ads.test')).toString('hex');
    const answer = await program(
      line.left,
      `const socket = require('node:dgram').createSocket('udp4');
       socket.on('message', (bytes, from) => { console.log(bytes.toString('hex'), from.address, from.port); socket.close(); });
       socket.send(Buffer.from('${question}', 'hex'), 53, '10.66.0.2');
       setTimeout(() => process.exit(), 3000);`,
    );
    expect(answer).toBe(`${question.slice(0, 4)}8183${question.slice(8)} 10.66.0.2 53`);
    expect((await summaryOf(line.child)).filters[0]).toMatchObject({
      counters: { questions: 1, sunk: 1 },
      reflected: 1,
    });
  });

  it('sni-blocker lets no hello for a blocked name through', async () => {
    await using line = await bridge('-f', example('sni-blocker'), '--set', `sni-blocker.zone=${zoneHash('ads.test')}`);
    expect(await ping(line.left, '10.66.0.2', SLOWLY)).toBe(5);
    const server = line.right.spawn(process.execPath, [
      '-e',
      `require('node:net').createServer((s) => s.on('error', () => 0).on('data', (d) => console.log(d.toString('latin1').includes('ads.test') ? 'blocked' : 'hello'))).listen(443, () => console.log('up'));`,
    ]);
    await server.waitFor(/^up$/m);
    for (const name of ['www.ads.test', 'fine.test']) {
      await program(
        line.left,
        `const s = require('node:tls').connect({ host: '10.66.0.2', port: 443, servername: '${name}' });
         s.on('error', () => 0); setTimeout(() => process.exit(), 700);`,
      );
    }
    await server.waitFor(/^hello$/m);
    const summary = await summaryOf(line.child);
    expect(summary.reasons['blockedName']).toBeGreaterThanOrEqual(1);
    expect(summary.filters[0]?.counters['hellos']).toBeGreaterThanOrEqual(2);
    expect((await server.end()).stdout).not.toContain('blocked');
  });

  it.each([[[]], [['--queues', '2']]])(
    'is built and exchanged at every save, a broken build leaves the old one: %j',
    async (more) => {
      const folder = filterFolder('my-filter');
      try {
        scaffold(folder.path, 'drop-port');
        await build(folder.path, { targets: ['release'] });
        await using line = await bridge('--filter', folder.path, '--watch', ...more);
        const source = join(folder.path, 'assembly/index.ts');
        const text = readFileSync(source, 'utf8');
        expect(await ping(line.left, '10.66.0.2', SLOWLY)).toBe(5);
        writeFileSync(source, text.replace('return Verdict.Continue;', 'return Verdict.Contiue;'));
        await line.child.waitFor(/assembly\/index\.ts\(5,[\s\S]*kept my-filter as it was/, PATIENCE_MS);
        expect(await ping(line.left, '10.66.0.2', SLOWLY)).toBe(5);
        writeFileSync(source, text);
        await line.child.waitFor(/^built my-filter: the same as in the line$/m, PATIENCE_MS);
        writeFileSync(source, text.replaceAll('return Verdict.Continue;', 'return packet.drop();'));
        await line.child.waitFor(/^exchanged my-filter: /m, PATIENCE_MS);
        const lost = await line.left.exec('ping', ['-n', '-c', '1', '-W', '1', '10.66.0.2'], { allowFailure: true });
        expect(lost.stdout).toContain('0 received');
        writeFileSync(source, text);
        await line.child.waitFor(/exchanged my-filter: [\s\S]*exchanged my-filter: /, PATIENCE_MS);
        expect(await ping(line.left, '10.66.0.2', SLOWLY)).toBe(5);
        const summary = await summaryOf(line.child);
        expect(summary.lost).toBe(0);
      } finally {
        folder.remove();
      }
    },
    240_000,
  );
});
