import type { Arithmetic, BinaryOperator, Relation } from '../language/syntax.ts';
import type { Protocol } from '../language/words.ts';
import {
  ADD,
  ALU,
  AND,
  DIV,
  IMM,
  IND,
  type Instruction,
  JEQ,
  JGE,
  JGT,
  K,
  LD,
  LDX,
  LEN,
  LSH,
  MEM,
  MISC,
  MOD,
  MUL,
  NEG,
  OR,
  RSH,
  ST,
  SUB,
  TAX,
  X,
  XOR,
} from '../program/bpf.ts';
import * as E from './etherTypes.ts';
import { IPV6_BYTES, variablePart } from './frame.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { IP_PROTOCOLS, isFirstFragment, isNextHeader, isProtocol } from './protocols.ts';
import { SIZE_BITS, type Test, all, instruction, leaf, not } from './test.ts';

/** A value in a scratch register, and what must hold for it to make sense. The code that put it there was written before. */
interface Value {
  readonly register: number;
  readonly guard: Test | undefined;
}

/** `tcp[13] & 2 != 0`: the guards of both sides, then the comparison. */
export function isRelation(lowering: Lowering, operator: Relation, left: Arithmetic, right: Arithmetic): Test {
  const code: Instruction[] = [];
  const [a, b] = [valueOf(lowering, code, left), valueOf(lowering, code, right)];
  code.push(instruction(LDX | MEM, b.register), instruction(LD | MEM, a.register));
  lowering.frame.registers.giveBack(a.register);
  lowering.frame.registers.giveBack(b.register);
  const { jump, isReversed } = COMPARISONS[operator];
  if (jump === JEQ) code.push(instruction(ALU | SUB | X));
  const comparison = jump === JEQ ? leaf(code, JEQ | K, 0) : leaf(code, jump | X, 0);
  const guards = [a.guard, b.guard].filter((guard) => guard !== undefined);
  const test = isReversed ? not(comparison) : comparison;
  const [first, ...rest] = guards;
  return first === undefined ? test : all(first, ...rest, test);
}

const COMPARISONS: Readonly<Record<Relation, { readonly jump: number; readonly isReversed: boolean }>> = {
  '=': { jump: JEQ, isReversed: false },
  '==': { jump: JEQ, isReversed: false },
  '!=': { jump: JEQ, isReversed: true },
  '>': { jump: JGT, isReversed: false },
  '<=': { jump: JGT, isReversed: true },
  '>=': { jump: JGE, isReversed: false },
  '<': { jump: JGE, isReversed: true },
};

/** Appends the code of a value. Sums may be long, so it goes along their left sides without calling itself. */
function valueOf(lowering: Lowering, code: Instruction[], node: Arithmetic): Value {
  const operations: Binary[] = [];
  let first = node;
  while (first.type === 'binary') {
    operations.push(first);
    first = first.left;
  }
  let value = operandOf(lowering, code, first);
  for (const { operator, right, offset } of operations.reverse()) {
    value = binary(lowering, code, operator, value, right, offset);
  }
  return value;
}

type Binary = Extract<Arithmetic, { type: 'binary' }>;

function operandOf(lowering: Lowering, code: Instruction[], node: Exclude<Arithmetic, Binary>): Value {
  switch (node.type) {
    case 'number':
      code.push(instruction(LD | IMM, node.value));
      return stored(lowering, code, undefined);
    case 'len':
      code.push(instruction(LD | LEN));
      return stored(lowering, code, undefined);
    case 'negative': {
      const { register, guard } = valueOf(lowering, code, node.operand);
      code.push(instruction(LD | MEM, register), instruction(ALU | NEG));
      return stored(lowering, code, guard, register);
    }
    case 'load':
      return loaded(lowering, code, node);
  }
}

/** Stores the accumulator, after registers were given back: it may get one of them. */
function stored(lowering: Lowering, code: Instruction[], guard: Test | undefined, ...given: readonly number[]): Value {
  for (const register of given) lowering.frame.registers.giveBack(register);
  const register = lowering.register();
  code.push(instruction(ST, register));
  return { register, guard };
}

const OPERATIONS: Readonly<Record<BinaryOperator, number>> = {
  '+': ADD,
  '-': SUB,
  '*': MUL,
  '/': DIV,
  '%': MOD,
  '&': AND,
  '|': OR,
  '^': XOR,
  '<<': LSH,
  '>>': RSH,
};

/** Only the left side's guard is kept, as in libpcap: `1 + tcp[13]` is not guarded. */
function binary(
  lowering: Lowering,
  code: Instruction[],
  operator: BinaryOperator,
  left: Value,
  rightNode: Arithmetic,
  offset: number,
): Value {
  const start = code.length;
  const right = valueOf(lowering, code, rightNode);
  lowering.offset = offset;
  checkConstant(lowering, operator, code[start]);
  code.push(
    instruction(LDX | MEM, right.register),
    instruction(LD | MEM, left.register),
    instruction(ALU | OPERATIONS[operator] | X),
  );
  return stored(lowering, code, left.guard, left.register, right.register);
}

/**
 * Refuses what can never be computed. libpcap looks at the first instruction of the right side, whatever follows it, so
 * that `5 / ip[0]` is a division by zero: the index is 0.
 */
function checkConstant(lowering: Lowering, operator: BinaryOperator, first: Instruction | undefined): void {
  if (first?.code !== (LD | IMM)) return;
  const isDivision = operator === '/' || operator === '%';
  if (isDivision && first.k === 0) lowering.fail('division by zero');
  const isShift = operator === '<<' || operator === '>>';
  if (isShift && first.k > 31) lowering.fail('a shift by more than 31 bits');
}

type Load = Extract<Arithmetic, { type: 'load' }>;

function loaded(lowering: Lowering, code: Instruction[], node: Load): Value {
  const index = valueOf(lowering, code, node.index);
  lowering.offset = node.offset;
  const { constant, variable, before, after } = baseOf(lowering, node.protocol);
  const register = lowering.register();
  code.push(
    ...toX(index, variable),
    instruction(LD | IND | (SIZE_BITS[node.size] ?? 0), constant),
    instruction(ST, register),
  );
  lowering.frame.registers.giveBack(index.register);
  const [first, ...rest] = [...before, ...(index.guard === undefined ? [] : [index.guard]), ...after];
  return { register, guard: first === undefined ? undefined : all(first, ...rest) };
}

/** Where a protocol's bytes begin, and what must hold: before the guard of the index, and behind it. */
interface Base {
  readonly constant: number;
  /** Code that leaves in X what is to be added. */
  readonly variable: readonly Instruction[];
  readonly before: readonly Test[];
  readonly after: readonly Test[];
}

function toX(index: Value, variable: readonly Instruction[]): Instruction[] {
  if (variable.length === 0) return [instruction(LDX | MEM, index.register)];
  return [...variable, instruction(LD | MEM, index.register), instruction(ALU | ADD | X), instruction(MISC | TAX)];
}

function baseOf(lowering: Lowering, protocol: Protocol): Base {
  const { frame } = lowering;
  const constant = frame.payload.constant + frame.network;
  const variable = variablePart(frame.payload);
  switch (protocol) {
    case 'link':
      return { constant: frame.header.constant, variable: variablePart(frame.header), before: [], after: [] };
    case 'ip':
    case 'ip6':
    case 'arp':
    case 'rarp':
    case 'atalk':
    case 'decnet':
    case 'lat':
    case 'sca':
    case 'moprc':
    case 'mopdl':
      return { constant, variable, before: [], after: [isProtocol(lowering, protocol)] };
    case 'sctp':
    case 'tcp':
    case 'udp':
    case 'icmp':
    case 'igmp':
    case 'igrp':
    case 'pim':
    case 'vrrp':
    case 'carp':
      return {
        constant,
        variable: frame.ipv4LengthToX(),
        before: [hasLinkType(lowering, E.IPV4)],
        after: [isProtocol(lowering, protocol), isFirstFragment(lowering)],
      };
    case 'icmp6':
      return {
        constant: constant + IPV6_BYTES,
        variable,
        before: [],
        after: [hasLinkType(lowering, E.IPV6), isNextHeader(lowering, IP_PROTOCOLS.icmp6)],
      };
    default:
      return lowering.fail(`the bytes of '${protocol}' cannot be read: where they lie is not known`);
  }
}
