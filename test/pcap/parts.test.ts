import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/pcap/compile.ts';
import { ExpressionError } from '../../src/pcap/expressionError.ts';
import type { LinkType } from '../../src/pcap/linkType.ts';
import * as B from '../../src/pcap/program/bpf.ts';
import { functionsOf } from '../../src/pcap/wasm/functions.ts';
import { partsOf } from '../../src/pcap/wasm/parts.ts';
import { PacketBench } from './support/bench.ts';
import { EXPRESSIONS } from './support/expressions.ts';
import { TRUNCATIONS } from './support/oracle.ts';
import { ethernetPackets, rawPackets } from './support/packets.ts';
import { randomProgram } from './support/programs.ts';
import { Random } from './support/random.ts';

const SIZES = [1, 2, 3, 7, 20];

/** Programs whose verdicts depend on where they are cut, of those that are cut at all. */
function compared(bench: PacketBench, kind: 'ethernet' | 'ip', programs: readonly B.Program[]) {
  const whole = bench.run(
    programs.map((program) => bench.load({ [kind]: program })),
    TRUNCATIONS,
  );
  let cut = 0;
  const wrong = SIZES.flatMap((size) => {
    const judges = programs.map((program) => bench.load({ [kind]: program }, size));
    cut += programs.filter((program) => functionsOf(program, 0, size).length > 1).length;
    const verdicts = bench.run(judges, TRUNCATIONS);
    return programs.filter((_, i) => Buffer.compare(verdicts[i] ?? Buffer.of(), whole[i] ?? Buffer.of()) !== 0);
  });
  return { wrong, cut, different: new Set(whole.map((bits) => Buffer.from(bits).toString('hex'))).size };
}

function listed(link: LinkType): B.Program[] {
  return EXPRESSIONS.flatMap((text) => {
    try {
      return [compileExpression(text, { link })];
    } catch (error) {
      if (error instanceof ExpressionError) return [];
      throw error;
    }
  });
}

describe('programs that are cut', () => {
  it.each([
    ['ethernet', 'ethernet', ethernetPackets(300, 3)],
    ['raw', 'ip', rawPackets(300, 3)],
  ] as const)('say of %s packets what the whole says: those of the list', (link, kind, packets) => {
    const { wrong, cut, different } = compared(new PacketBench(packets, kind), kind, listed(link));
    expect(wrong).toEqual([]);
    expect(cut).toBeGreaterThan(1000);
    expect(different).toBeGreaterThan(100);
  });

  it('say what the whole says: those of others', () => {
    const random = new Random(21);
    const programs = Array.from({ length: 400 }, () => randomProgram(random));
    const { wrong, cut } = compared(new PacketBench(ethernetPackets(40, 5)), 'ethernet', programs);
    expect(wrong).toEqual([]);
    expect(cut).toBeGreaterThan(1000);
  });

  it('keep two programs of one module apart', () => {
    const programs = { ethernet: compileExpression('tcp port 80'), ip: compileExpression('udp', { link: 'raw' }) };
    for (const [kind, packets] of [
      ['ethernet', ethernetPackets(500, 3)],
      ['ip', rawPackets(500, 3)],
    ] as const) {
      const bench = new PacketBench(packets, kind);
      const [whole, cut] = bench.run([bench.load(programs), bench.load(programs, 2)], [2000]);
      expect(cut).toEqual(whole);
      expect(new Set(whole).size).toBeGreaterThan(1);
    }
  });

  it('have their loops whole, the count of rounds too', () => {
    const twice = compileExpression('ip6 protochain 6 or ip6 protochain 17 or udp port 53');
    const parts = partsOf(twice, 10);
    expect(parts.filter(({ hasLoop }) => hasLoop)).toHaveLength(2);
    expect(parts.length).toBeGreaterThan(4);
    twice.forEach((instruction, index) => {
      if (!B.isJump(instruction) || B.jumpTarget(instruction, index) > index) return;
      const home = parts.find(({ start, end }) => index >= start && index < end);
      expect(B.jumpTarget(instruction, index)).toBeGreaterThanOrEqual(home?.start ?? Infinity);
    });
  });

  it.each([
    [4000, true],
    [6000, false],
  ])('count the rounds of all their loops together: two chains through %i headers each', (count, matches) => {
    const program = compileExpression('ip6 protochain 6 or ip6 protochain 17', { link: 'raw' });
    const bench = new PacketBench([{ bytes: optionHeaders(count), wireLength: 40 + 8 * count }], 'ip');
    const judges = [undefined, 10].map((size) => bench.load({ ip: program }, size));
    expect(bench.run(judges, [65_535])).toEqual([Uint8Array.of(Number(matches)), Uint8Array.of(Number(matches))]);
  });

  it('cover every instruction once', () => {
    for (const program of listed('ethernet')) {
      const parts = partsOf(program, 5);
      expect(parts.flatMap(({ start, end }) => [start, end])).toEqual([
        0,
        ...parts.slice(1).flatMap(({ start }) => [start, start]),
        program.length,
      ]);
    }
  });
});

/** An IPv6 packet of destination options, RFC 8200 section 4.6, each of eight bytes; behind the last one comes UDP. */
function optionHeaders(count: number): Uint8Array {
  const bytes = new Uint8Array(40 + 8 * count);
  bytes[0] = 0x60;
  bytes[6] = 60;
  for (let i = 0; i < count - 1; i++) bytes[40 + 8 * i] = 60;
  bytes[40 + 8 * (count - 1)] = 17;
  return bytes;
}

/** Filters packets with 5,000 hosts, of which the last but few is theirs, and says how many passed. */
const CHILD = `
  import { pcapFilter } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};
  import { tryFilter, udpFrame } from ${JSON.stringify(new URL('../../dist/src/testing/index.js', import.meta.url).href)};
  const hosts = Array.from({ length: 5000 }, (_, i) => 'host 10.1.' + (i >> 8) + '.' + (i & 255));
  const from = (sourceAddress) => Array.from({ length: 1500 }, () => udpFrame({ sourceAddress }));
  const outcomes = await tryFilter(pcapFilter(hosts.join(' or ')), [...from('10.1.19.100'), ...from('10.2.0.1')]);
  console.log(outcomes.filter(({ verdict }) => verdict === 'continue').length, outcomes.length);`;

/** Of processor time, which a busy machine does not stretch; V8's work in the background is in it. */
const LIMIT_SECONDS = 20;

it('do not keep a process with 5,000 hosts from ending', () => {
  const script = `ulimit -t ${LIMIT_SECONDS}; exec "$0" --input-type=module -e "$1"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, process.execPath, CHILD], { encoding: 'utf8' });
  expect([stdout.trim(), stderr.trim(), status]).toEqual(['1500 3000', '', 0]);
}, 180_000);
