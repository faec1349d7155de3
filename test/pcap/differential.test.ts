import { afterAll, describe, expect, it } from 'vitest';
import { LINK_ETHERNET } from '../../assembly/layout.ts';
import { compileExpression } from '../../src/pcap/compile.ts';
import { ExpressionError } from '../../src/pcap/expressionError.ts';
import type { LinkType } from '../../src/pcap/linkType.ts';
import type { Program } from '../../src/pcap/program/bpf.ts';
import { captureFiles, corpusFolder, readCapture } from '../assembly/pcap.ts';
import { PacketBench } from './support/bench.ts';
import { EXPRESSIONS } from './support/expressions.ts';
import { EndlessError, interpret } from './support/interpreter.ts';
import { randomExpression } from './support/generator.ts';
import { DLT, type TestPacket, TRUNCATIONS, buildOracle } from './support/oracle.ts';
import { ethernetPackets, rawPackets } from './support/packets.ts';
import { Random } from './support/random.ts';
import { differenceOf } from './support/versions.ts';

const RANDOM_COUNT = Number(process.env['PCAP_EXPRESSIONS'] ?? 20_000);
const SEED = Number(process.env['PCAP_SEED'] ?? 1);
/** Filters that are at hand at a time. */
const CHUNK = 250;

const oracle = buildOracle();
const version = /\d+\.\d+\.\d+/.exec(oracle?.version ?? '')?.[0] ?? '';
if (oracle !== undefined) console.log(`compared with ${oracle.version}`);

afterAll(() => {
  oracle?.close();
});

const corpus = captureFiles(corpusFolder()).flatMap(readCapture);
if (corpus.length === 0) console.log(`no captures in ${corpusFolder()}: own packets only`);

function captured(isEthernet: boolean): TestPacket[] {
  return corpus
    .filter(({ link }) => (link === LINK_ETHERNET) === isEthernet)
    .map(({ frame, wireLength }) => ({ bytes: frame, wireLength }));
}

/** IP packets out of Ethernet frames. */
function stripped(): TestPacket[] {
  return captured(true)
    .filter(({ bytes }) => [0x0800, 0x86dd].includes(((bytes[12] ?? 0) << 8) | (bytes[13] ?? 0)))
    .map(({ bytes, wireLength }) => ({ bytes: bytes.subarray(14), wireLength: wireLength - 14 }));
}

const ethernet = [...ethernetPackets(2000), ...captured(true)];
const raw = [...rawPackets(2000), ...captured(false), ...stripped()];

function compiled(expression: string, link: LinkType): Program | undefined {
  try {
    return compileExpression(expression, { link });
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** Without packets whose headers lead back to themselves: libpcap walks through them for ever. */
function withoutCircles(link: LinkType, expressions: readonly string[], packets: readonly TestPacket[]): TestPacket[] {
  const texts = [...new Set(expressions.filter((text) => text.includes('protochain')))].slice(0, 100);
  const programs = texts.map((text) => compiled(text, link)).filter((program) => program !== undefined);
  return packets.filter(({ bytes, wireLength }) => programs.every((program) => ends(program, bytes, wireLength)));
}

function ends(program: Program, bytes: Uint8Array, wireLength: number): boolean {
  try {
    interpret(program, bytes, wireLength);
    return true;
  } catch (error) {
    if (error instanceof EndlessError) return false;
    throw error;
  }
}

/** Compares status, program and verdicts. Returns what differs, the first few. */
async function differences(link: LinkType, expressions: readonly string[], all: readonly TestPacket[]) {
  const packets = withoutCircles(link, expressions, all);
  const kind = ['ethernet', 'sll', 'sll2', 'null', 'loop'].includes(link) ? 'ethernet' : 'ip';
  const bench = new PacketBench(packets, kind);
  const found: string[] = [];
  let [accepted, matches] = [0, 0];
  for (let first = 0; first < expressions.length; first += CHUNK) {
    const chunk = expressions.slice(first, first + CHUNK).filter((text) => differenceOf(text, version) === undefined);
    const answers = (await oracle?.ask(link, chunk, packets, TRUNCATIONS)) ?? [];
    const programs = chunk.map((text) => compiled(text, link));
    const both = chunk.flatMap((text, i) => {
      const [program, answer] = [programs[i], answers[i]];
      if ((program === undefined) !== (answer === undefined))
        found.push(`${text}: ${answer === undefined ? 'refused' : 'accepted'} by libpcap`);
      return program === undefined || answer === undefined ? [] : [{ text, program, answer }];
    });
    accepted += both.length;
    // Of this version not only the verdicts are known, but each instruction.
    if (version.startsWith('1.10.')) {
      for (const { text, program, answer } of both) {
        if (JSON.stringify(program) !== JSON.stringify(answer.program)) found.push(`${text}: another program`);
      }
    }
    const verdicts = bench.run(
      both.map(({ program }) => bench.load({ [kind]: program })),
      TRUNCATIONS,
    );
    both.forEach(({ text, answer }, i) => {
      if (Buffer.compare(verdicts[i] ?? Buffer.of(), answer.verdicts) !== 0) found.push(`${text}: other verdicts`);
      if (answer.verdicts.some((byte) => byte !== 0)) matches++;
    });
  }
  return { found: found.slice(0, 20), accepted, matches };
}

/** Few enough for many expressions: some of each source. */
function sample(packets: readonly TestPacket[], count: number): TestPacket[] {
  const random = new Random(SEED);
  return Array.from({ length: count }, () => random.pick(packets));
}

describe.skipIf(oracle === undefined)('expressions agree with libpcap', () => {
  it('has a list that is long enough', () => {
    expect(new Set(EXPRESSIONS).size).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ['ethernet', ethernet],
    ['raw', raw],
  ] as const)(
    'of the list, on all %s packets, cut everywhere',
    async (link, packets) => {
      const { found, accepted, matches } = await differences(link, EXPRESSIONS, packets);
      expect(found).toEqual([]);
      expect(accepted).toBeGreaterThan(200);
      expect(matches).toBeGreaterThan(150);
    },
    600_000,
  );

  it.each(Object.keys(DLT) as LinkType[])(
    'of the list, on link type %s',
    async (link) => {
      const packets = sample([...ethernet, ...raw], 256);
      expect((await differences(link, EXPRESSIONS, packets)).found).toEqual([]);
    },
    600_000,
  );

  it.each([
    ['ethernet', ethernet],
    ['raw', raw],
  ] as const)(
    `of a generator, on some %s packets, cut everywhere`,
    async (link, packets) => {
      const random = new Random(SEED);
      const expressions = Array.from({ length: RANDOM_COUNT / 2 }, () => randomExpression(random));
      const { found, accepted } = await differences(link, expressions, sample(packets, 512));
      expect(found).toEqual([]);
      expect(accepted).toBeGreaterThan(RANDOM_COUNT / 8);
    },
    600_000,
  );
});
