import { describe, expect, it } from 'vitest';

import { parse } from '../../src/cli/parse.ts';
import { runCommand } from '../../src/cli/run/command.ts';
import { planOf, type RunPlan } from '../../src/cli/run/plan.ts';
import { makeFolder } from './support/folder.ts';

function plan(...args: string[]): RunPlan {
  return planOf(parse(runCommand, args));
}

function ports(...args: string[]): unknown {
  const { source } = plan(...args);
  return 'ports' in source ? source.ports : undefined;
}

describe('planOf', () => {
  it('takes what is no file for a pcap expression, in the order of the command line', () => {
    const { filters } = plan('--tap', 'a', '-f', 'tcp port 80', '--drop', 'udp', '-f', 'icmp');
    expect(filters).toMatchObject([
      { filter: { manifest: { name: 'tcp port 80', reasons: ['no-match'] } } },
      { filter: { manifest: { name: 'udp', reasons: ['match'] } } },
      { filter: { manifest: { name: 'icmp' } } },
    ]);
  });

  it('makes ports in the order of the command line', () => {
    expect(ports('--tun', 'b0', '--tun', 'a0')).toMatchObject([
      { kind: 'tun', options: { name: 'b0', virtioHeader: true, offloads: 'all' } },
      { kind: 'tun', options: { name: 'a0' } },
    ]);
  });

  it('gives options to all ports, or to the one they name', () => {
    const args = ['--mtu', '9000', '--offloads', 'csum,tso4', '--netns', 'b=17', '--address', 'b=10.0.0.1/24'];
    expect(ports('--tap', 'a', '--tap', 'b', ...args, '--address', 'b=fd00::1/64')).toMatchObject([
      { options: { name: 'a', mtu: 9000, offloads: ['csum', 'tso4'], addresses: [] } },
      { options: { name: 'b', mtu: 9000, netns: 17, addresses: ['10.0.0.1/24', 'fd00::1/64'] } },
    ]);
  });

  it('needs no port name where there is one port', () => {
    expect(ports('--tap', 'a', '--address', '10.0.0.1/24', '--netns', 'blue')).toMatchObject([
      { options: { addresses: ['10.0.0.1/24'], netns: 'blue' } },
    ]);
  });

  it('takes a numbered name twice, since it makes two devices', () => {
    expect(ports('--tap', 'tap%d', '--tap', 'tap%d')).toHaveLength(2);
  });

  it('takes an empty expression for all packets, as tcpdump does', () => {
    const { filters } = plan('--tap', 'a', '--filter', '', '--drop=');
    expect(filters).toMatchObject([
      { filter: { manifest: { name: 'pcap', reasons: ['no-match'] } } },
      { filter: { manifest: { name: 'pcap', reasons: ['match'] } } },
    ]);
  });

  it('reads the other options', () => {
    using folder = makeFolder();
    const file = folder.write('filter.mjs', '');
    expect(
      plan('--tap', 'a', '-f', file, '-f', file, '--engine', 'uring', '--busy-poll', '50', '-j', '-v'),
    ).toMatchObject({
      filters: [{ file }, { file }],
      engine: 'uring',
      busyPoll: 50,
      json: true,
      verbose: true,
    });
  });

  it('takes a pipeline file with filters, engine and JSON', () => {
    using folder = makeFolder();
    const file = folder.write('pipeline.ts', '');
    expect(plan(file, '-f', file, '--engine', 'auto', '--json')).toEqual({
      source: { file },
      filters: [{ file }],
      engine: 'auto',
      settings: new Map(),
      watched: [],
      json: true,
      isCut: false,
      verbose: false,
    });
  });

  it('takes a capture, with ports and with a pipeline file', () => {
    using folder = makeFolder();
    expect(plan('--tap', 'a', '-w', 'out.pcapng')).toMatchObject({ record: 'out.pcapng' });
    expect(plan(folder.write('pipeline.ts', ''), '--write', '-')).toMatchObject({ record: '-' });
    expect(plan('--tap', 'a', '-w', 'out.pcapng', '--segment')).toMatchObject({ record: 'out.pcapng', isCut: true });
  });

  it.each([
    [[], 'No ports: give --tap NAME or --tun NAME, or a pipeline file'],
    [['--json'], 'No ports'],
    [['--tap', 'a', '--tap', 'a'], 'Port a was given twice'],
    [['--tap', 'a', '--tun', 'b'], 'cannot be bridged: take two of a kind'],
    [['--tap', 'a', '--tap', 'b', '--tap', 'c'], '3 ports have no route between them'],
    [['--tap', 'a/b'], '--tap a/b: Expected a name without slash'],
    [['--tap', 'sixteen-bytes-xx'], '--tap sixteen-bytes-xx: Expected a name of at most 15 bytes'],
    [['--tap', 'a', '--mtu', '10'], '--tap a: Expected mtu to be an integer from 68 to 65521, got 10'],
    [['--tap', 'a', '--mtu', '1e3'], 'Option --mtu needs a number of bytes, got "1e3"'],
    [['--tap', 'a', '--offloads', 'tso4'], '--tap a: TCP and UDP super-packets need csum too'],
    [['--tap', 'a', '--offloads', 'csum,,tso4'], '--tap a: Expected offloads among csum'],
    [['--tap', 'a', '--address', 'a=10.0.0.1'], '--tap a: Expected an address with its prefix length'],
    [['--tap', 'lan0', '--address', 'lan=10.0.0.1/24'], "there is no 'lan': did you mean 'lan0'?"],
    [['--tap', 'a', '--tap', 'b', '--address', '10.0.0.1/24'], 'must say for which port: --address a=10.0.0.1/24'],
    [['--tap', 'a', '--netns', '1', '--netns', '2'], 'one network namespace only'],
    [['--tap', 'a', '--netns', 'a=0'], '--tap a: Expected netns to be an integer from 1'],
    [
      ['--tap', 'a', '-w', '/nonexistent/a.pcapng'],
      'Cannot write --write /nonexistent/a.pcapng: there is no folder /nonexistent',
    ],
    [['--tap', 'a', '--segment'], 'Option --segment needs --write'],
    [['--tap', 'a', '-w', '-', '--json'], 'Options --write - and --json exclude each other: both write to stdout'],
    [['--tap', 'a', '--engine', 'readlop'], "Unknown engine readlop: did you mean 'readloop'?"],
    [['--tap', 'a', '--engine', 'x'], 'Unknown engine x: known are auto, uring, readloop'],
    [
      ['--tap', 'a', '--busy-poll', '1000001'],
      'Option --busy-poll needs microseconds from 0 to 1000000, got "1000001"',
    ],
    [
      ['--tap', 'a', '--engine', 'readloop', '--busy-poll', '5'],
      'Options --engine readloop and --busy-poll exclude each other',
    ],
    [['--tap', 'a', '--queues', '0'], 'Option --queues needs a number from 1 to 64, got "0"'],
    [['--tap', 'a', '--queues', '65'], 'Option --queues needs a number from 1 to 64, got "65"'],
    [['--tap', 'a', '--queues', '2.0'], 'Option --queues needs a number from 1 to 64, got "2.0"'],
    [['--tap', 'a', '--queues', '2', '-w', 'x.pcap'], 'Options --queues and --write exclude each other'],
    [['--tap', 'a', '--busy-poll', '1e9'], 'Option --busy-poll needs microseconds from 0 to 1000000, got "1e9"'],
    [['pipeline.mjs'], /^Cannot find pipeline.mjs: there is no such file$/],
    [['./pipeline.mjs'], 'Cannot find ./pipeline.mjs: there is no such file'],
    [['pipeline.mjs', '--tap', 'a'], 'A pipeline file and --tap exclude each other'],
    [['pipeline.mjs', '--mtu', '1500'], 'A pipeline file and --mtu exclude each other'],
    [
      ['--tap', 'a', '-f', 'tcp prot 80'],
      "--filter: Cannot compile the expression: missing 'and' or 'or' before 'prot'",
    ],
    [['--tap', 'a', '--drop', './filter.mjs'], '--drop: Cannot compile the expression'],
    [['--tap', 'a', '-f', 'filter.mjs'], 'there is no such file'],
    [['--tap', 'a', '-f', 'drop-telnet'], 'There is no file or folder drop-telnet either'],
    [['--tap', 'a', '-f', 'src'], 'neither filter.json nor build/filter.wasm'],
    [['--tap', 'a', '-f', 'package.json'], 'the name must end in .ts, .mts, .mjs, .js'],
  ])('refuses %j', (args, message) => {
    expect(() => plan(...args)).toThrow(message);
  });
});
