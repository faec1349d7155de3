import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { type CaptureReader, type Summary, openCapture } from '../../src/index.ts';
import { udpFrame } from '../../src/testing/index.ts';
import { join, pcapHeader, pcapRecord } from '../capture/support/build.ts';
import { makeFolder } from '../cli/support/folder.ts';
import { MAIN } from '../cli/support/tapline.ts';
import { expectBalance } from './support/accounts.ts';
import { capture } from './support/capture.ts';
import { hasLink, sh } from './support/device.ts';
import { describeLive } from './support/devices.ts';
import { type Namespace, makeNamespace } from './support/namespace.ts';
import { type Child, pause, run, start, until } from './support/process.ts';
import { download, patternHash, ping, serve } from './support/traffic.ts';

const SLOWLY = ['-i', '0.2'];

/** A line between two hosts. */
async function bridge(left: Namespace, right: Namespace, ...args: string[]): Promise<Child> {
  const child = start(process.execPath, [
    ...[MAIN, 'run', '--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.68.0.1/24'],
    ...['--tap', 'wan0', '--netns', `wan0=${right.pid}`, '--address', 'wan0=10.68.0.2/24', ...args],
  ]);
  await child.waitFor(/^ready: /m);
  return child;
}

async function told(path: string, tell: (reader: CaptureReader) => unknown): Promise<unknown[]> {
  const all: unknown[] = [];
  using reader = await openCapture(path);
  while (await reader.advance()) all.push(tell(reader));
  return all;
}

/** What tshark says of each TCP packet, both checksums looked at. */
async function tcpPackets(path: string): Promise<{ bytes: number; areChecksumsGood: boolean }[]> {
  const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-Y', 'tcp', '-T', 'fields'];
  const fields = ['frame.len', 'ip.checksum.status', 'tcp.checksum.status'].flatMap((field) => ['-e', field]);
  const { stdout } = await run('tshark', ['-r', path, ...options, ...fields]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map(Number))
    .map(([bytes = 0, ...checksums]) => ({ bytes, areChecksumsGood: checksums.every((status) => status === 1) }));
}

/** SHA-256 of the body of the answer, as tshark puts the stream together. */
async function bodyHash(path: string): Promise<string> {
  const { stdout } = await run('tshark', ['-r', path, '-q', '-z', 'follow,tcp,raw,0']);
  const answer = stdout.split('\n').filter((line) => /^\t[0-9a-f]+$/.test(line));
  const bytes = Buffer.from(answer.map((line) => line.trim()).join(''), 'hex');
  return createHash('sha256')
    .update(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
    .digest('hex');
}

describeLive(
  'captures on the command line',
  () => {
    it('run -w has everything that comes in, with its port and what became of it', async () => {
      using folder = makeFolder();
      const path = `${folder.path}/all.pcapng`;
      const filter = folder.write(
        'no-echo.mjs',
        `export default { name: 'no-echo', reasons: ['reply'], filter: (packet) =>
        packet.isIcmp && packet.icmpType === 0 ? packet.drop('reply') : undefined };`,
      );
      await using left = await makeNamespace({ ipv6: false });
      await using right = await makeNamespace({ ipv6: false });
      await using child = await bridge(left, right, '-w', path, '-f', filter, '--json');
      expect(await ping(left, '10.68.0.2', SLOWLY)).toBe(0);
      // What a program reads along is there after SIGUSR2 at the latest.
      child.process.kill('SIGUSR2');
      await until(async () => (await told(path, () => 0)).length >= 10, 'the capture is flushed');
      const { code, stdout } = await child.end('SIGTERM');
      expect(code).toBe(0);
      const summary = JSON.parse(stdout) as Summary;
      expect(summary.record).toEqual({ written: summary.read, notCaptured: 0, stopped: null });
      const packets = await told(path, ({ interfaces, interface: at, direction, bytes, dataOffset }) => ({
        at: interfaces[at]?.name,
        direction,
        isEcho: bytes[dataOffset + 23] === 1 && bytes[dataOffset + 12] === 8 ? bytes[dataOffset + 34] : undefined,
      }));
      expect(packets).toHaveLength(summary.read);
      const echoes = packets.filter((packet) => (packet as { isEcho?: number }).isEcho !== undefined);
      expect(echoes).toContainEqual({ at: 'lan0', direction: 'inbound', isEcho: 8 });
      expect(echoes).toContainEqual({ at: 'wan0', direction: 'inbound', isEcho: 0 });
      expect((await told(path, (reader) => reader.comments())).flat()).toEqual(Array(5).fill('drop: reply'));
    });

    it.each([{ flags: [] as string[] }, { flags: ['--segment'] }])(
      'run -w $flags has the stream of TCP, whole or in segments with good checksums',
      async ({ flags }) => {
        using folder = makeFolder();
        const path = `${folder.path}/all.pcapng`;
        await using left = await makeNamespace({ ipv6: false });
        await using right = await makeNamespace({ ipv6: false });
        await using child = await bridge(left, right, '-w', path, ...flags);
        await serve(right, 8080);
        expect(await download(left, '10.68.0.2', 8080, 2_000_000)).toBe(patternHash(2_000_000));
        expect((await child.end('SIGTERM')).code).toBe(0);
        const packets = await tcpPackets(path);
        expect(packets.length).toBeGreaterThan(10);
        const isCut = flags.length > 0;
        expect(packets.every(({ bytes }) => bytes <= 1514)).toBe(isCut);
        expect(packets.every(({ areChecksumsGood }) => areChecksumsGood)).toBe(isCut);
        expect(await bodyHash(path)).toBe(patternHash(2_000_000));
        // What was captured whole can be cut afterwards; packets that were short keep the checksums that they had.
        const again = `${folder.path}/again.pcapng`;
        expect((await run(process.execPath, [MAIN, 'replay', path, '-w', again, '--segment'])).code).toBe(0);
        const cut = await tcpPackets(again);
        expect(cut.every(({ bytes }) => bytes <= 1514)).toBe(true);
        const isUnfinished = ({ areChecksumsGood }: { areChecksumsGood: boolean }): boolean => !areChecksumsGood;
        const kept = packets.filter(({ bytes }) => bytes <= 1514).filter(isUnfinished);
        expect(cut.filter(isUnfinished)).toEqual(kept);
        expect(await bodyHash(again)).toBe(patternHash(2_000_000));
      },
    );

    it('a disk that is full stops the capture, not the line', async () => {
      await using left = await makeNamespace({ ipv6: false });
      await using right = await makeNamespace({ ipv6: false });
      using folder = makeFolder();
      // A file system of 256 KiB, in a mount namespace of its own.
      const script = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"';
      const command = [process.execPath, MAIN, 'run', '-w', `${folder.path}/full.pcapng`, '--json'];
      const ports = ['--tap', 'lan0', '--netns', `lan0=${left.pid}`, '--address', 'lan0=10.68.0.1/24'].concat([
        '--tap',
        'wan0',
        '--netns',
        `wan0=${right.pid}`,
        '--address',
        'wan0=10.68.0.2/24',
      ]);
      const shell = ['--mount', 'sh', '-c', script, 'sh', folder.path];
      await using child = start('unshare', [...shell, ...command, ...ports]);
      await child.waitFor(/^ready: /m);
      for (let i = 0; i < 3; i++) expect(await ping(left, '10.68.0.2', ['-s', '20000', ...SLOWLY])).toBe(5);
      await child.waitFor(/the disk is full: nothing more is captured there/);
      expect(await ping(left, '10.68.0.2', ['-s', '20000', ...SLOWLY])).toBe(5);
      const { code, stdout, stderr } = await child.end('SIGTERM');
      expect(code).toBe(1);
      expect(stderr.match(/the disk is full/g)).toHaveLength(1);
      const summary = JSON.parse(stdout) as Summary;
      expectBalance(summary);
      expect(summary.lost).toBe(0);
      expect(summary.record?.stopped).toBe('ENOSPC');
      expect(summary.record?.notCaptured).toBeGreaterThan(0);
      expect((summary.record?.written ?? 0) + (summary.record?.notCaptured ?? 0)).toBe(summary.read);
    });

    it('replay makes a device where there is none, and removes it', async () => {
      using folder = makeFolder();
      const path = `${folder.path}/in.pcap`;
      writeFileSync(
        path,
        join(
          pcapHeader({ linkType: 101 }),
          ...Array.from({ length: 9 }, (_, i) => pcapRecord(udpFrame({ link: 'ip' }), { seconds: i, fraction: 0 })),
        ),
      );
      const args = [MAIN, 'replay', path, '--to-tun', 'tun7', '--address', '10.69.0.1/24', '--speed', '4x'];
      await using child = start(process.execPath, args);
      await until(
        () => hasLink('tun7') && sh('ip', 'address', 'show', 'dev', 'tun7').includes('10.69.0.1/24'),
        'it is up',
      );
      await pause(100);
      const { code, stderr } = await child.ended;
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/^9 packets forwarded$/m);
      expect(hasLink('tun7')).toBe(false);
      const wrong = await run(process.execPath, [MAIN, 'replay', path, '--to-tap', 'tap8'], { allowFailure: true });
      expect(wrong).toMatchObject({ code: 1 });
      expect(wrong.stderr).toContain('in carries IP packets (TUN) and out Ethernet frames (TAP)');
      expect(hasLink('tap8')).toBe(false);
    });

    it('super-packets are captured whole', async () => {
      using folder = makeFolder();
      const path = `${folder.path}/bulk.pcapng`;
      await using left = await makeNamespace({ ipv6: false });
      await using right = await makeNamespace({ ipv6: false });
      await using child = await bridge(left, right, '-w', path);
      await serve(right, 8080);
      expect(await download(left, '10.68.0.2', 8080, 5e6)).toBe(patternHash(5e6));
      expect((await child.end('SIGTERM')).code).toBe(0);
      const lengths = (await told(path, ({ length, wireLength }) => [length, wireLength])) as [number, number][];
      expect(Math.max(...lengths.map(([length]) => length))).toBeGreaterThan(20_000);
      expect(lengths.every(([length, wireLength]) => length === wireLength)).toBe(true);
    });
  },
  { needs: ['ping', 'curl'] },
);

describeLive(
  'captures and tcpdump',
  () => {
    it('run -w - writes into tcpdump; a reader that goes away ends the capture and not the line', async () => {
      await using left = await makeNamespace({ ipv6: false });
      await using right = await makeNamespace({ ipv6: false });
      const line = `"$1" "$2" run --tap lan0 --netns lan0=${left.pid} --address lan0=10.68.0.1/24 \
      --tap wan0 --netns wan0=${right.pid} --address wan0=10.68.0.2/24 -w -`;
      const script = `exec 3>&1; { ${line} & echo "pid $!" >&3; wait $!; echo "code $?" >&3; } | tcpdump -n -c 3 -Z root -r - icmp`;
      await using child = start('bash', ['-c', script, 'bash', process.execPath, MAIN]);
      const [, pid = ''] = await child.waitFor(/^pid (\d+)$/m);
      await child.waitFor(/^ready: /m);
      expect(await ping(left, '10.68.0.2', SLOWLY)).toBe(5);
      await child.waitFor(/ICMP echo request/);
      expect(await ping(left, '10.68.0.2', SLOWLY)).toBe(5);
      await child.waitFor(/its reader has gone: nothing more is captured there/);
      process.kill(Number(pid), 'SIGTERM');
      await child.waitFor(/^code 0$/m);
    });

    it('replay --to-tap sends a capture onto a device, in order, at its pace', async () => {
      using folder = makeFolder();
      const frames = Array.from({ length: 30 }, (_, i) => udpFrame({ identification: i, payload: new Uint8Array(i) }));
      const path = `${folder.path}/in.pcap`;
      const times = { seconds: 1 };
      const records = frames.map((frame, i) => pcapRecord(frame, { ...times, fraction: i * 20_000 }));
      writeFileSync(path, join(pcapHeader(), ...records));
      await using host = await makeNamespace({ ipv6: false });
      await host.exec('ip', ['tuntap', 'add', 'dev', 'tap7', 'mode', 'tap']);
      await host.exec('ip', ['link', 'set', 'dev', 'tap7', 'up']);
      await using dump = await capture(host, 'tap7', { direction: 'in' });
      const args = [MAIN, 'replay', path, '--to-tap', 'tap7', '--speed', 'real', '--json'];
      const started = performance.now();
      const { stdout } = await host.exec(process.execPath, args);
      expect(performance.now() - started).toBeGreaterThan(29 * 20);
      const summary = JSON.parse(stdout) as Summary;
      expectBalance(summary);
      expect(summary.ports).toMatchObject({ in: { read: 30 }, out: { forwarded: 30, lost: 0 } });
      expect((await dump.stop()).map((frame) => Uint8Array.from(frame))).toEqual(frames);
    });
  },
  { needs: ['ping', 'tcpdump'] },
);
