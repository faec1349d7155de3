import * as B from './bpf.ts';

/** As `tcpdump -d` prints it: one instruction a line, in words. */
export function disassemble(program: B.Program): string {
  return program.map((instruction, index) => `${line(instruction, index)}\n`).join('');
}

/** As `tcpdump -dd`: a list for a C program. */
export function cArray(program: B.Program): string {
  return program
    .map(({ code, jt, jf, k }) => `{ 0x${hex(code)}, ${jt}, ${jf}, 0x${k.toString(16).padStart(8, '0')} },\n`)
    .join('');
}

/** As `tcpdump -ddd`: the number of instructions, then four numbers for each. */
export function numbers(program: B.Program): string {
  return [program.length, ...program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k}`), ''].join('\n');
}

function hex(code: number): string {
  return code.toString(16);
}

function line(instruction: B.Instruction, index: number): string {
  const [operation, operand] = wordsOf(instruction, index);
  const head = `(${String(index).padStart(3, '0')}) `;
  if (!B.isBranch(instruction)) return `${head}${operation.padEnd(8)} ${operand}`;
  const yes = index + 1 + instruction.jt;
  const no = index + 1 + instruction.jf;
  return `${head}${operation.padEnd(8)} ${operand.padEnd(16)} jt ${yes}\tjf ${no}`;
}

const SIZES: Readonly<Record<number, string>> = { [B.W]: '', [B.H]: 'h', [B.B]: 'b' };
const OPERATIONS: Readonly<Record<number, string>> = {
  [B.ADD]: 'add',
  [B.SUB]: 'sub',
  [B.MUL]: 'mul',
  [B.DIV]: 'div',
  [B.OR]: 'or',
  [B.AND]: 'and',
  [B.LSH]: 'lsh',
  [B.RSH]: 'rsh',
  [B.MOD]: 'mod',
  [B.XOR]: 'xor',
};
/** Printed in hexadecimal, as masks are. */
const BITWISE: readonly number[] = [B.OR, B.AND, B.XOR];
const JUMPS: Readonly<Record<number, string>> = { [B.JEQ]: 'jeq', [B.JGT]: 'jgt', [B.JGE]: 'jge', [B.JSET]: 'jset' };
const ANCILLARY_NAMES: Readonly<Record<number, string>> = {
  0: 'proto',
  4: 'type',
  8: 'ifidx',
  12: 'nla',
  16: 'nlan',
  20: 'mark',
  24: 'queue',
  28: 'hatype',
  32: 'rxhash',
  36: 'cpu',
  44: 'vlan_tci',
  48: 'vlan_avail',
  52: 'payoff',
};

function wordsOf(instruction: B.Instruction, index: number): [string, string] {
  const { code, k } = instruction;
  switch (code & B.CLASS_MASK) {
    case B.LD:
      return load('ld', code, k);
    case B.LDX:
      return load('ldx', code, k);
    case B.ST:
      return ['st', `M[${k}]`];
    case B.STX:
      return ['stx', `M[${k}]`];
    case B.ALU:
      return arithmetic(code, k);
    case B.JMP:
      if (B.isJump(instruction)) return ['ja', String(B.jumpTarget(instruction, index))];
      return [JUMPS[code & B.OPERATION_MASK] ?? 'unimp', (code & B.X) === B.X ? 'x' : hash(k)];
    case B.RET:
      return ['ret', code === (B.RET | B.A) ? '' : code === (B.RET | B.X) ? 'x' : `#${k}`];
    default:
      return [code === (B.MISC | B.TAX) ? 'tax' : 'txa', ''];
  }
}

function load(name: string, code: number, k: number): [string, string] {
  const sized = `${name}${SIZES[code & B.SIZE_MASK] ?? ''}`;
  switch (code & B.MODE_MASK) {
    case B.IMM:
      return [name, hash(k)];
    case B.ABS:
      return [sized, k >= B.ANCILLARY ? `[${ANCILLARY_NAMES[k - B.ANCILLARY] ?? k}]` : `[${k}]`];
    case B.IND:
      return [sized, `[x + ${k | 0}]`];
    case B.MEM:
      return [name, `M[${k}]`];
    case B.LEN:
      return [name, '#pktlen'];
    default:
      return ['ldxb', `4*([${k}]&0xf)`];
  }
}

function arithmetic(code: number, k: number): [string, string] {
  const operation = code & B.OPERATION_MASK;
  if (operation === B.NEG) return ['neg', ''];
  const isX = (code & B.X) === B.X;
  return [OPERATIONS[operation] ?? 'unimp', isX ? 'x' : BITWISE.includes(operation) ? hash(k) : `#${k | 0}`];
}

function hash(k: number): string {
  return `#0x${k.toString(16)}`;
}
