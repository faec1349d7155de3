import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';

import { replayCommand } from '../../src/cli/replay/command.ts';
import { type ReplayPlan, planOf } from '../../src/cli/replay/plan.ts';
import { progressText, showProgress } from '../../src/cli/replay/progress.ts';
import { parse } from '../../src/cli/parse.ts';
import { type Line, type Summary, openCapture } from '../../src/index.ts';
import { tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { join, pcapHeader, pcapRecord } from '../capture/support/build.ts';
import { isMissing, run } from '../capture/support/tools.ts';
import { start } from '../netns/support/process.ts';
import { expectBalance } from '../pipeline/support/lines.ts';
import { makeFolder } from './support/folder.ts';
import { untilItListens } from './support/listening.ts';
import { MAIN, shell, tapline } from './support/tapline.ts';

const telnet = pcapRecord(tcpFrame({ destinationPort: 23 }), { seconds: 1, fraction: 5 });
const dns = pcapRecord(udpFrame({ destinationPort: 53 }), { seconds: 2, fraction: 6 });
const bytes = join(pcapHeader(), telnet, dns, dns);
const damaged = join(bytes, pcapRecord(udpFrame(), { captured: 2 ** 30 }));
const dropTelnet = ['-f', 'examples/drop-telnet.mjs'];

function withCapture(content: Uint8Array = bytes): Disposable & { readonly path: string; at(name: string): string } {
  const folder = makeFolder();
  const at = (name: string): string => `${folder.path}/${name}`;
  writeFileSync(at('in.pcap'), content);
  return {
    path: at('in.pcap'),
    at,
    [Symbol.dispose]() {
      folder[Symbol.dispose]();
    },
  };
}

describe('tapline replay', () => {
  it('sends a capture through filters, and ends with the summary of run', () => {
    using from = withCapture();
    const { code, stdout, stderr } = tapline(['replay', from.path, ...dropTelnet, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ schema: 1, read: 3, forwarded: 2, dropped: 1, reasons: { telnet: 1 } });
    expect(Object.keys(summary.ports)).toEqual(['in', 'out']);
    expectBalance(summary);
    expect(tapline(['replay', from.path, ...dropTelnet]).stderr).toMatch(/^3 packets read\n2 packets forwarded\n/);
  });

  it('writes what passes, and everything with what became of it', async () => {
    using from = withCapture();
    const args = [...dropTelnet, '-w', from.at('out.pcap.gz'), '--record', from.at('all.pcapng')];
    const { code, stderr } = tapline(['replay', from.path, ...args]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('2 packets captured by out\n3 packets captured\n');
    const told: unknown[] = [];
    for (const name of ['out.pcap.gz', 'all.pcapng']) {
      using reader = await openCapture(from.at(name));
      while (await reader.advance()) told.push([name, reader.timeNs, ...reader.comments()]);
    }
    expect(told).toEqual([
      ['out.pcap.gz', 2_000_006_000n],
      ['out.pcap.gz', 2_000_006_000n],
      ['all.pcapng', 1_000_005_000n, 'drop: telnet'],
      ['all.pcapng', 2_000_006_000n],
      ['all.pcapng', 2_000_006_000n],
    ]);
  });

  it('--segment writes what is longer than an MTU in segments', async () => {
    using from = withCapture(
      join(bytes, pcapRecord(tcpFrame({ payload: 'x'.repeat(4000) }), { seconds: 3, fraction: 7 })),
    );
    const out = from.at('out.pcapng');
    const { code, stderr } = tapline(['replay', from.path, '-w', out, '--segment']);
    expect({ code, summary: stderr.split('\n')[0] }).toEqual({ code: 0, summary: '4 packets read' });
    const lengths: number[] = [];
    using reader = await openCapture(out);
    while (await reader.advance()) lengths.push(reader.length);
    expect(lengths.slice(3)).toEqual([1514, 1514, 4000 - 2 * 1460 + 54]);
    for (const args of [[], ['--record', out], ['--to-tap', 'x']]) {
      expect(tapline(['replay', from.path, '--segment', ...args])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Option --segment needs --write') as string,
      });
    }
  });

  it('reads from pipes and gzip, and writes into pipes', () => {
    using from = withCapture(gzipSync(bytes));
    const script = `cat ${from.path} | $TAPLINE replay - -w - 2>${from.at('said')} | $TAPLINE replay - --json`;
    const { code, stdout } = shell(`set -o pipefail; ${script}`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ read: 3, forwarded: 3 });
    expect(readFileSync(from.at('said'), 'utf8')).toContain('3 packets captured by out');
  });

  it.skipIf(isMissing('tcpdump'))('writes into tcpdump', () => {
    using from = withCapture();
    const { stdout, code } = shell(`set -o pipefail; $TAPLINE replay ${from.path} -w - | tcpdump -n -r -`);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });

  it('replays what can be read of a damaged file, says where it ends, exit code 1', async () => {
    using from = withCapture(damaged);
    const { code, stdout, stderr } = tapline(['replay', from.path, '-w', from.at('out'), '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^tapline: Cannot read .*in\\.pcap beyond byte ${bytes.length}: `));
    expect(JSON.parse(stdout)).toMatchObject({ read: 3, forwarded: 3 });
    using reader = await openCapture(from.at('out'));
    while (await reader.advance());
    expect(reader.packets).toBe(3);
  });

  it('ends cleanly when the reader of stdout goes away', () => {
    using from = withCapture(join(bytes, ...Array.from({ length: 50_000 }, () => dns)));
    const script = `$TAPLINE replay ${from.path} -w - 2>${from.at('said')} | head -c 100 >/dev/null; echo \${PIPESTATUS[0]}`;
    expect(shell(script)).toEqual({ code: 0, stdout: '0\n', stderr: '' });
    expect(readFileSync(from.at('said'), 'utf8')).toMatch(
      /^tapline: .* its reader has gone: nothing more .*\n\d+ packets/,
    );
    const data = `$TAPLINE replay ${from.path} --json | true; echo \${PIPESTATUS[0]}`;
    expect(shell(data)).toEqual({ code: 0, stdout: '0\n', stderr: '' });
  });

  it('fails when the disk is full, but only in the end', () => {
    using from = withCapture();
    const { code, stdout, stderr } = tapline(['replay', from.path, '-w', '/dev/full', '--json']);
    expect(code).toBe(1);
    expect(stderr.match(/the disk is full/g)).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      read: 3,
      ports: { out: { capture: { written: 0, notCaptured: 3, stopped: 'ENOSPC' } } },
    });
  });

  it('stops at the limit of the shell, as on a full disk', () => {
    using from = withCapture(join(bytes, ...Array.from({ length: 5000 }, () => dns)));
    const { stderr } = shell(`ulimit -f 64; $TAPLINE replay ${from.path} -w ${from.at('out')}; echo code $? >&2`);
    expect(stderr).toMatch(/the file may not grow further \(ulimit -f\): nothing more is captured there$/m);
    expect(stderr).toMatch(/^code 1$/m);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it with a summary, and what was written is whole',
    async (signal) => {
      const slow = Array.from({ length: 100 }, (_, i) => pcapRecord(udpFrame(), { seconds: i, fraction: 0 }));
      using from = withCapture(join(pcapHeader(), ...slow));
      const args = [MAIN, 'replay', from.path, '--speed', '20x', '-w', from.at('out')];
      await using child = start(process.execPath, args);
      // More than what stands before the first packet.
      await vi.waitFor(() => { expect(statSync(from.at('out')).size).toBeGreaterThan(500); }, 10_000); // prettier-ignore
      const { code, stderr } = await child.end(signal, 2000);
      expect({ code, signal: child.process.signalCode }).toEqual({ code: 0, signal: null });
      const [, written = ''] = /^(\d+) packets captured by out$/m.exec(stderr) ?? [];
      using reader = await openCapture(from.at('out'));
      while (await reader.advance());
      expect([reader.packets, reader.packets > 0, reader.packets < 100]).toEqual([Number(written), true, true]);
    },
  );

  it('can be stopped while nobody writes into its pipe', async () => {
    await using child = start(process.execPath, [MAIN, 'replay', '-']);
    await untilItListens(child);
    expect(await child.end('SIGINT', 2000)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['nothing', [], /^tapline: Cannot open .*nothing: open failed with ENOENT: there is no such file$/m],
    ['', ['-w', '/'], /^tapline: Cannot open \/: open failed with EISDIR: it is a directory$/m],
  ])('says in one line that %j cannot be opened', (name, args, message) => {
    using from = withCapture();
    const { code, stderr } = tapline(['replay', name === '' ? from.path : from.at(name), ...args]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each(['-w', '--record'])('says which folder is missing for %s, before anything is read', (option) => {
    const { code, stderr } = tapline(['replay', '/no/such/file', option, '/no/such/folder/x.pcap']);
    expect(code).toBe(2);
    expect(stderr).toContain('/no/such/folder/x.pcap: there is no folder /no/such/folder');
  });

  it('does not empty the file that it reads', () => {
    using from = withCapture();
    for (const option of ['-w', '--record']) {
      const { code, stderr } = tapline(['replay', from.path, option, from.path]);
      expect(code).toBe(1);
      expect(stderr).toContain('it is read already, and would be emptied');
    }
    expect(readFileSync(from.path)).toHaveLength(bytes.length);
    expect(existsSync(from.at('out'))).toBe(false);
  });

  it.skipIf(isMissing('tshark', 'capinfos'))('writes what tshark and capinfos read', () => {
    using from = withCapture();
    const all = from.at('all.pcapng');
    tapline(['replay', from.path, ...dropTelnet, '--record', all]);
    const fields = ['interface_name', 'packet_flags_direction', 'comment', 'time_epoch', 'cap_len', 'len'];
    const output = run('tshark', [
      '-n',
      '-r',
      all,
      '-T',
      'fields',
      ...fields.flatMap((name) => ['-e', `frame.${name}`]),
    ]);
    const dnsBytes = String(udpFrame().length);
    expect(output.split('\n').map((line) => line.split('\t'))).toEqual([
      ['in', '0x00000001', 'drop: telnet', '1.000005000', String(tcpFrame().length), String(tcpFrame().length)],
      ['in', '0x00000001', '', '2.000006000', dnsBytes, dnsBytes],
      ['in', '0x00000001', '', '2.000006000', dnsBytes, dnsBytes],
      [''],
    ]);
    const about = run('capinfos', [all]);
    expect(about).toMatch(/File timestamp precision: {2}nanoseconds \(9\)/);
    expect(about).toMatch(/Encapsulation = Ethernet \(1 - ether\)/);
    expect(about).toMatch(/Number of stat entries = 1/);
  });
});

describe('planOf replay', () => {
  const plan = (...args: string[]): ReplayPlan => planOf(parse(replayCommand, args));

  it('reads everything', () => {
    expect(plan('a', '--speed', '0.5x', '-w', 'b', '--record', 'c', '-j')).toEqual({
      ...{ source: 'a', speed: 0.5, filters: [], settings: new Map(), device: undefined },
      ...{ write: 'b', record: 'c', isCut: false, json: true },
    });
    expect([plan('-').speed, plan('-', '--speed', 'max').speed, plan('-', '--speed', 'real').speed]).toEqual([
      Infinity,
      Infinity,
      1,
    ]);
    const args = ['--to-tap', 'tap0', '--address', '10.0.0.1/24', '--netns', 'blue'];
    expect(plan('a', ...args).device).toMatchObject({
      kind: 'tap',
      options: { name: 'tap0', exclusive: false, addresses: ['10.0.0.1/24'], netns: 'blue' },
    });
  });

  it.each([
    [[], 'Nothing to replay: name a capture file, or - for standard input'],
    [['a', 'b'], 'Unexpected argument "b" after "a"'],
    [['a', '--speed', 'rael'], "Unknown speed rael: did you mean 'real'?"],
    [['a', '--speed', '0x'], 'Unknown speed 0x: known are max, real, and multiples like 2x and 0.5x'],
    [['a', '--speed', '2'], 'Unknown speed 2'],
    [['a', '--speed', '-1x'], 'Option --speed needs a value'],
    [['a', '-w', 'x', '--record', 'x'], 'Options --write and --record name the same capture x'],
    [['a', '-w', '-', '-j'], 'Options --write - and --json exclude each other'],
    [['a', '--record', '-', '-j'], 'Options --record - and --json exclude each other'],
    [['a', '--to-tap', 'x', '--to-tun', 'y'], 'Options --to-tap and --to-tun exclude each other'],
    [['a', '--to-tap', 'x', '-w', 'y'], 'Options --to-tap and --write exclude each other'],
    [['a', '--to-tap', 'x/y'], '--to-tap x/y: Expected a name without slash'],
    [['a', '--address', '10.0.0.1/24'], 'Option --address needs a device: add --to-tap or --to-tun'],
    [['a', '-f', './nothing.mjs'], 'Cannot find --filter ./nothing.mjs'],
  ])('refuses %j', (args, message) => {
    expect(() => plan(...args)).toThrow(message);
  });
});

describe('progress', () => {
  it('is told in words', () => {
    expect(progressText(0.4399, 1234)).toBe('43 %, 1234 packets');
    expect(progressText(undefined, 7)).toBe('7 packets');
  });

  it('is shown on a terminal only, and cleared', async () => {
    const target = { kind: 'file', path: 'x', progress: () => 0.5 };
    const line = { ports: new Map([['in', { target }]]), summary: () => ({ read: 9 }) } as unknown as Line;
    const written: string[] = [];
    const write = (text: string): number => written.push(text);
    expect(showProgress(line, { isTTY: false, write })).toBeUndefined();
    showProgress(line, { isTTY: true, write })?.();
    expect(written).toEqual([]);
    const end = showProgress(line, { isTTY: true, write });
    while (written.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    end?.();
    expect(written).toEqual(['\r50 %, 9 packets\x1b[K', '\r\x1b[K']);
  });

  it.skipIf(spawnSync('script', ['--version']).error !== undefined)('appears on a real terminal', () => {
    const slow = Array.from({ length: 20 }, (_, i) => pcapRecord(udpFrame(), { seconds: i, fraction: 0 }));
    using from = withCapture(join(pcapHeader(), ...slow));
    const { stdout } = shell(`script -q -c "$TAPLINE replay ${from.path} --speed 15x" /dev/null </dev/null`);
    expect(stdout).toMatch(/\r\d+ %, \d+ packets\x1b\[K/);
    expect(stdout).toMatch(/\r\x1b\[K20 packets read/);
  });
});
