import * as B from '../../../src/pcap/program/bpf.ts';
import type { Random } from './random.ts';

const OPERATIONS = [B.ADD, B.SUB, B.MUL, B.DIV, B.OR, B.AND, B.LSH, B.RSH, B.MOD, B.XOR];
const SIZES = [B.W, B.H, B.B];
const FACTS = [B.ANCILLARY_PACKET_TYPE, B.ANCILLARY_INTERFACE, B.ANCILLARY_VLAN_TAG, B.ANCILLARY_VLAN_PRESENT];

/** A valid program: registers are written first, and jumps lead forward. */
export function randomProgram(random: Random): B.Program {
  const length = 2 + random.below(40);
  const start = [0, 1, 2].map((k) => plain(B.ST, k));
  const body = Array.from({ length }, (_, i) => randomInstruction(random, length - i));
  const ends = [plain(B.RET | B.A, 0), plain(B.RET | B.K, random.pick([0, 1, 262144]))];
  return [...start, ...body, ...ends];
}

function plain(code: number, k: number): B.Instruction {
  return { code, jt: 0, jf: 0, k: k >>> 0 };
}

/** @param behind instructions to the last one */
function randomInstruction(random: Random, behind: number): B.Instruction {
  const kind = random.below(12);
  if (kind < 4) return randomLoad(random);
  if (kind < 7) return randomOperation(random);
  if (kind === 7) return plain(random.pick([B.ST, B.STX, B.LD | B.MEM, B.LDX | B.MEM]), random.below(3));
  if (kind === 8) return plain(random.pick([B.MISC | B.TAX, B.MISC | B.TXA]), 0);
  if (kind === 9 && random.chance(0.3)) return plain(B.JMP | B.JA, random.below(behind + 1));
  if (kind === 9 && random.chance(0.2)) return plain(random.pick([B.RET | B.K, B.RET | B.A]), random.below(3));
  return {
    code: B.JMP | random.pick([B.JEQ, B.JGT, B.JGE, B.JSET]) | random.pick([B.K, B.K, B.X]),
    jt: random.below(behind + 1),
    jf: random.below(behind + 1),
    k: random.pick([0, 1, 6, 17, 64, 0x800, 0x86dd, 0x1fff, 0x80000000, 0xffffffff]),
  };
}

function randomLoad(random: Random): B.Instruction {
  const k = random.chance(0.9)
    ? random.below(70)
    : random.pick([0x7fffffff, 0xffffffff, 0x80000000, 65536, 0xfffffffc]);
  const kind = random.below(8);
  if (kind === 0) return plain(random.pick([B.LD, B.LDX]) | B.IMM, random.pick([0, 1, 4, 14, 0xffffffff, k]));
  if (kind === 1) return plain(random.pick([B.LD, B.LDX]) | B.LEN, 0);
  if (kind === 2) return plain(B.LDX | B.MSH | B.B, k);
  if (kind < 5) return plain(B.LD | B.IND | random.pick(SIZES), k);
  if (random.chance(0.05)) return plain(B.LD | B.ABS | random.pick(SIZES), random.pick(FACTS));
  return plain(B.LD | B.ABS | random.pick(SIZES), k >= 0xffe00000 ? 20 : k);
}

function randomOperation(random: Random): B.Instruction {
  if (random.chance(0.05)) return plain(B.ALU | B.NEG, 0);
  const operation = random.pick(OPERATIONS);
  const isShift = operation === B.LSH || operation === B.RSH;
  const k = isShift ? random.below(32) : random.pick([1, 2, 3, 4, 15, 255, 0xfff, 0x80000000, 0xffffffff]);
  return plain(B.ALU | operation | random.pick([B.K, B.X]), k);
}

/** Anything: a valid program with some of its bytes changed, or none at all. */
export function randomBytesProgram(random: Random): B.Program {
  const program = random.chance(0.2)
    ? Array.from({ length: random.below(8) }, () => noise(random))
    : randomProgram(random).map((instruction) => (random.chance(0.04) ? changed(random, instruction) : instruction));
  return random.chance(0.1) ? program.slice(0, -1 - random.below(3)) : program;
}

function noise(random: Random): B.Instruction {
  return { code: random.below(0x200), jt: random.below(4), jf: random.below(4), k: random.below(0x100000000) };
}

function changed(random: Random, instruction: B.Instruction): B.Instruction {
  const field = random.pick(['code', 'jt', 'jf', 'k'] as const);
  const largest = { code: 0xff, jt: 0xff, jf: 0xff, k: 0xffffffff }[field];
  return { ...instruction, [field]: random.below(largest + 1) };
}
