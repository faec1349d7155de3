import { AND, B, H, type Instruction, JEQ, JGE, JGT, JMP, JSET, K, W } from '../program/bpf.ts';

/** What a condition becomes: comparisons that are done from left to right, only as far as needed. */
export type Test =
  | { readonly type: 'leaf'; readonly code: readonly Instruction[]; readonly jump: number; readonly k: number }
  | { readonly type: 'not'; readonly test: Test }
  | { readonly type: 'chain'; readonly first: Test; readonly rest: readonly TestLink[] };

export interface TestLink {
  readonly isAnd: boolean;
  readonly test: Test;
}

/** An instruction that does not jump. */
export function instruction(code: number, k = 0): Instruction {
  return { code, jt: 0, jf: 0, k: k >>> 0 };
}

/** Runs `code`, then compares the accumulator: `jump` is JEQ, JGT, JGE or JSET, perhaps with X. */
export function leaf(code: readonly Instruction[], jump: number, k: number): Test {
  return { type: 'leaf', code, jump: JMP | jump, k: k >>> 0 };
}

export function not(test: Test): Test {
  return { type: 'not', test };
}

export function all(first: Test, ...rest: readonly Test[]): Test {
  return chainOf(true, first, rest);
}

export function any(first: Test, ...rest: readonly Test[]): Test {
  return chainOf(false, first, rest);
}

function chainOf(isAnd: boolean, first: Test, rest: readonly Test[]): Test {
  return rest.length === 0 ? first : { type: 'chain', first, rest: rest.map((test) => ({ isAnd, test })) };
}

/** Sizes of loads in bytes, by the bits of an instruction. */
export const SIZE_BITS: Readonly<Record<number, number>> = { 1: B, 2: H, 4: W };

/** Equal to `value`. */
export function equals(code: readonly Instruction[], value: number): Test {
  return leaf(code, JEQ | K, value);
}

/** Equal to `value` in the bits of `mask`. */
export function equalsMasked(code: readonly Instruction[], value: number, mask: number): Test {
  return equals(mask >>> 0 === 0xffffffff ? code : [...code, instruction(ALU_AND, mask)], value);
}

const ALU_AND = 0x04 | AND | K;

export function above(code: readonly Instruction[], value: number): Test {
  return leaf(code, JGT | K, value);
}

export function atLeast(code: readonly Instruction[], value: number): Test {
  return leaf(code, JGE | K, value);
}

export function hasBits(code: readonly Instruction[], bits: number): Test {
  return leaf(code, JSET | K, bits);
}
