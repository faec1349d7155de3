import { TaplineError } from '../../errors.ts';
import * as B from './bpf.ts';

/**
 * Refuses what the kernel would refuse (`bpf_check_classic` of net/core/filter.c), and loads of facts that tapline does
 * not have: unknown operations, jumps out of the program or back, an end that is no return, divisions by a constant 0, and
 * scratch registers that are read before they were written.
 *
 * @throws {TaplineError} `BAD_PROGRAM`
 */
export function validateProgram(program: B.Program): void {
  if (program.length < 1 || program.length > B.KERNEL_LIMIT) {
    throw refused(`it has ${program.length} instructions, expected 1 to ${B.KERNEL_LIMIT}`);
  }
  program.forEach((instruction, index) => {
    const problem = problemOf(instruction, program.length - index - 1);
    if (problem !== undefined) throw refused(`instruction ${index}: ${problem}`);
  });
  const last = program.at(-1)?.code;
  if (last !== (B.RET | B.K) && last !== (B.RET | B.A)) throw refused('its last instruction is no return');
  checkScratch(program);
}

function refused(problem: string): TaplineError {
  return new TaplineError('BAD_PROGRAM', `Cannot use the program: ${problem}`);
}

const ARITHMETIC = [B.ADD, B.SUB, B.MUL, B.DIV, B.OR, B.AND, B.LSH, B.RSH, B.MOD, B.XOR];
const COMPARISONS = [B.JEQ, B.JGT, B.JGE, B.JSET];

const KNOWN: ReadonlySet<number> = new Set([
  ...ARITHMETIC.flatMap((operation) => [B.ALU | operation | B.K, B.ALU | operation | B.X]),
  B.ALU | B.NEG,
  ...[B.W, B.H, B.B].flatMap((size) => [B.LD | size | B.ABS, B.LD | size | B.IND]),
  B.LD | B.IMM,
  B.LD | B.MEM,
  B.LD | B.LEN,
  B.LDX | B.IMM,
  B.LDX | B.MEM,
  B.LDX | B.LEN,
  B.LDX | B.MSH | B.B,
  B.ST,
  B.STX,
  B.MISC | B.TAX,
  B.MISC | B.TXA,
  B.RET | B.K,
  B.RET | B.A,
  B.JMP | B.JA,
  ...COMPARISONS.flatMap((comparison) => [B.JMP | comparison | B.K, B.JMP | comparison | B.X]),
]);

/** Offsets from the network and link header (SKF_NET_OFF, SKF_LL_OFF), which are negative. */
const NEGATIVE_OFFSETS = 0xffe00000;
const KNOWN_FACTS: readonly number[] = [
  B.ANCILLARY_PACKET_TYPE,
  B.ANCILLARY_INTERFACE,
  B.ANCILLARY_VLAN_TAG,
  B.ANCILLARY_VLAN_PRESENT,
];

/** @param behind how many instructions follow */
function problemOf(instruction: B.Instruction, behind: number): string | undefined {
  const { code, jt, jf, k } = instruction;
  if (!KNOWN.has(code)) return `there is no operation 0x${code.toString(16)}`;
  if (B.isJump(instruction)) {
    if (k >= behind) return (k | 0) < 0 ? 'it jumps back, as protochain does' : 'it jumps out of the program';
    return undefined;
  }
  if (B.isBranch(instruction)) return Math.max(jt, jf) >= behind ? 'it jumps out of the program' : undefined;
  const operation = code & (B.CLASS_MASK | B.OPERATION_MASK);
  const isConstant = (code & B.X) === B.K;
  if (isConstant && k === 0 && (operation === (B.ALU | B.DIV) || operation === (B.ALU | B.MOD)))
    return 'it divides by 0';
  if (isConstant && k > 31 && (operation === (B.ALU | B.LSH) || operation === (B.ALU | B.RSH))) {
    return 'it shifts by more than 31 bits';
  }
  if (usesScratch(code) && k >= B.SCRATCH_COUNT) return `there is no scratch register ${k}`;
  const isAbsolute = (code & (B.CLASS_MASK | B.MODE_MASK)) === (B.LD | B.ABS);
  if (isAbsolute && k >= B.ANCILLARY && !KNOWN_FACTS.includes(k)) {
    return `it loads a fact of the kernel that tapline does not have (SKF_AD_OFF + ${k - B.ANCILLARY})`;
  }
  if (isAbsolute && k >= NEGATIVE_OFFSETS && k < B.ANCILLARY) return 'it loads from a negative offset';
  return undefined;
}

function usesScratch(code: number): boolean {
  return [B.LD | B.MEM, B.LDX | B.MEM, B.ST, B.STX].includes(code);
}

/** Every way to a read of a scratch register must pass a write of it. One pass is enough: no jump leads back. */
function checkScratch(program: B.Program): void {
  const written = new Int32Array(program.length).fill(-1);
  written[0] = 0;
  const reach = (index: number, registers: number): void => {
    written[index] = (written[index] ?? 0) & registers;
  };
  program.forEach((instruction, index) => {
    const { code, jt, jf, k } = instruction;
    let registers = written[index] ?? 0;
    const isRead = code === (B.LD | B.MEM) || code === (B.LDX | B.MEM);
    if (isRead && (registers & (1 << k)) === 0) {
      throw refused(`instruction ${index}: it reads scratch register ${k}, which nobody has written`);
    }
    if (code === B.ST || code === B.STX) registers |= 1 << k;
    if (B.isJump(instruction)) reach(index + 1 + k, registers);
    else if (B.isBranch(instruction)) {
      reach(index + 1 + jt, registers);
      reach(index + 1 + jf, registers);
    } else if ((code & B.CLASS_MASK) !== B.RET) reach(index + 1, registers);
  });
}
