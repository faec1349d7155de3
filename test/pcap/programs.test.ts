import { afterAll, describe, expect, it } from 'vitest';
import { TaplineError } from '../../src/errors.ts';
import * as B from '../../src/pcap/program/bpf.ts';
import { readProgram } from '../../src/pcap/program/foreign.ts';
import { numbers } from '../../src/pcap/program/print.ts';
import { validateProgram } from '../../src/pcap/program/validate.ts';
import { judgeModule } from '../../src/pcap/wasm/batch.ts';
import { PacketBench } from './support/bench.ts';
import { interpret } from './support/interpreter.ts';
import { TRUNCATIONS, buildOracle } from './support/oracle.ts';
import { ethernetPackets } from './support/packets.ts';
import { randomBytesProgram, randomProgram } from './support/programs.ts';
import { Random } from './support/random.ts';

const packets = ethernetPackets(40, 5);
const oracle = buildOracle();

afterAll(() => {
  oracle?.close();
});

/** What the interpreter says, as bits. */
function interpreted(program: B.Program): Uint8Array {
  const rowBytes = Math.ceil(packets.length / 8);
  const bits = new Uint8Array(rowBytes * TRUNCATIONS.length);
  TRUNCATIONS.forEach((limit, row) => {
    packets.forEach(({ bytes, wireLength }, i) => {
      if (interpret(program, bytes.subarray(0, limit), wireLength) === 0) return;
      const place = row * rowBytes + (i >> 3);
      bits[place] = (bits[place] ?? 0) | (1 << (i & 7));
    });
  });
  return bits;
}

function isValid(program: B.Program): boolean {
  try {
    validateProgram(program);
    return true;
  } catch (error) {
    if (error instanceof TaplineError && error.code === 'BAD_PROGRAM') return false;
    throw error;
  }
}

describe('foreign programs', () => {
  it('run as the interpreter runs them, and libpcap', async () => {
    const random = new Random(11);
    const bench = new PacketBench(packets);
    const programs = Array.from({ length: 800 }, () => randomProgram(random));
    for (const program of programs) validateProgram(program);
    const modules = programs.map((program) => judgeModule({ ethernet: program }, { verdict: 0 }, { verdict: 2 }));
    for (const module of modules) expect(WebAssembly.validate(module as Uint8Array<ArrayBuffer>)).toBe(true);
    const verdicts = bench.run(
      modules.map((module) => bench.instantiate(module)),
      TRUNCATIONS,
    );
    const own = programs.map(interpreted);
    const wrong = programs.filter((_, i) => Buffer.compare(verdicts[i] ?? Buffer.of(), own[i] ?? Buffer.of()) !== 0);
    expect(wrong).toEqual([]);
    expect(new Set(own.map((bits) => Buffer.from(bits).toString('hex'))).size).toBeGreaterThan(150);
    if (oracle === undefined) return;
    const lines = programs.map((program) => numbers(program).split('\n').slice(1).join(' '));
    const answers = await oracle.askPrograms(lines, packets, TRUNCATIONS);
    // libpcap takes facts that are not in the bytes for reads outside of the packet.
    const comparable = programs.map(
      (program) => !program.some(({ code, k }) => (code & 0xe7) === (B.LD | B.ABS) && k >= B.ANCILLARY),
    );
    const others = answers.filter(
      (answer, i) => comparable[i] && Buffer.compare(answer?.verdicts ?? Buffer.of(), own[i] ?? Buffer.of()) !== 0,
    );
    expect(others).toEqual([]);
  });

  it('are refused, or valid: then they can be run', () => {
    const random = new Random(12);
    const counts = { valid: 0, refused: 0 };
    for (let i = 0; i < 4000; i++) {
      const program = randomBytesProgram(random);
      if (!isValid(program)) {
        counts.refused++;
        continue;
      }
      counts.valid++;
      const module = judgeModule({ ethernet: program }, { verdict: 0 }, { verdict: 2 });
      expect(WebAssembly.validate(module as Uint8Array<ArrayBuffer>)).toBe(true);
      for (const { bytes, wireLength } of packets.slice(0, 5)) interpret(program, bytes, wireLength);
    }
    expect(counts.valid).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(1000);
  });
});

const ret = { code: B.RET | B.K, jt: 0, jf: 0, k: 1 };
const op = (code: number, k = 0, jt = 0, jf = 0): B.Instruction => ({ code, jt, jf, k });

describe('validateProgram', () => {
  it.each<[string, readonly B.Instruction[], string]>([
    ['nothing', [], '0 instructions'],
    ['too much', Array.from({ length: 4097 }, () => ret), '4097 instructions'],
    ['no end', [op(B.LD | B.IMM)], 'no return'],
    ['an unknown operation', [op(0xffff), ret], 'no operation 0xffff'],
    ['RET X', [op(B.RET | B.X)], 'no operation 0xe'],
    ['LDX of a word', [op(B.LDX | B.ABS), ret], 'no operation 0x21'],
    ['a jump out', [op(B.JMP | B.JA, 1), ret], 'jumps out'],
    ['a comparison out when it holds', [op(B.JMP | B.JEQ, 0, 1, 0), ret], 'jumps out'],
    ['a comparison out when it fails', [op(B.JMP | B.JEQ, 0, 0, 1), ret], 'jumps out'],
    ['a jump back', [op(B.LD | B.IMM), op(B.JMP | B.JA, 0xfffffffe), ret], 'jumps back'],
    ['a division by 0', [op(B.ALU | B.DIV), ret], 'divides by 0'],
    ['a remainder by 0', [op(B.ALU | B.MOD), ret], 'divides by 0'],
    ['a long shift', [op(B.ALU | B.LSH, 32), ret], 'shifts'],
    ['a long shift right', [op(B.ALU | B.RSH, 32), ret], 'shifts'],
    ['a register that is none', [op(B.ST, 16), ret], 'no scratch register 16'],
    ['a read before the write', [op(B.LD | B.MEM, 3), ret], 'nobody has written'],
    [
      'a write on one way only',
      [op(B.JMP | B.JEQ, 0, 1, 0), op(B.ST, 3), op(B.LD | B.MEM, 3), ret],
      'nobody has written',
    ],
    ['a fact of the kernel', [op(B.LD | B.ABS, B.ANCILLARY + 36), ret], 'SKF_AD_OFF + 36'],
    ['a negative offset', [op(B.LD | B.ABS, 0xfff00000), ret], 'negative offset'],
  ])('refuses %s', (_, program, problem) => {
    expect(() => {
      validateProgram(program);
    }).toThrow(problem);
  });

  it('takes what is right', () => {
    validateProgram([
      op(B.JMP | B.JEQ, 0, 1, 1),
      op(B.JMP | B.JA, 0),
      op(B.ST, 15),
      op(B.LD | B.MEM, 15),
      op(B.RET | B.A),
    ]);
  });
});

describe('readProgram', () => {
  const program = [op(B.LD | B.H | B.ABS, 12), op(B.JMP | B.JEQ, 0x800, 0, 1), ret, op(B.RET | B.K)];

  it('reads what tcpdump -ddd prints, and iptables writes', () => {
    expect(readProgram(numbers(program))).toEqual(program);
    expect(readProgram(numbers(program).trim().replaceAll('\n', ','))).toEqual(program);
  });

  it('reads struct sock_filter', () => {
    const bytes = new Uint8Array(8 * program.length);
    const view = new DataView(bytes.buffer);
    program.forEach(({ code, jt, jf, k }, i) => {
      view.setUint16(8 * i, code, true);
      view.setUint8(8 * i + 2, jt);
      view.setUint8(8 * i + 3, jf);
      view.setUint32(8 * i + 4, k, true);
    });
    expect(readProgram(bytes)).toEqual(program);
    expect(() => readProgram(bytes.subarray(1))).toThrow('whole number of instructions');
  });

  it.each([
    ['', 'first line'],
    ['1', 'says 1'],
    ['2\n6 0 0 1', 'says 2'],
    ['1\n6 0 0', 'line 2'],
    ['1\n6 0 0 1 1', 'line 2'],
    ['1\n6 0 0 -1', 'line 2'],
    ['1\n65536 0 0 1', 'code of instruction 0'],
    ['1\n6 256 0 1', 'jt of instruction 0'],
    ['1\n6 0 0 4294967296', 'k of instruction 0'],
  ])('refuses %j', (text, problem) => {
    expect(() => readProgram(text)).toThrow(problem);
  });

  it('refuses what is no program', () => {
    expect(() => readProgram(5 as never)).toThrow(TypeError);
    expect(() => readProgram([null] as never)).toThrow(TypeError);
    expect(() => readProgram([{ code: 6, jt: 0, jf: 0 }] as never)).toThrow('k of instruction 0');
  });
});
