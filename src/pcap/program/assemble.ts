import type { Test } from '../lower/test.ts';
import { type Instruction, JA, JMP, K, type Program, RET } from './bpf.ts';

/** What a match returns: bytes of the packet to keep, tcpdump's default. */
export const MATCH_BYTES = 262_144;

/** A comparison with its two ways on, or an end. */
type Block = Leaf | End;
interface Leaf extends Placed {
  readonly code: readonly Instruction[];
  readonly jump: number;
  readonly k: number;
  readonly whenTrue: Block;
  readonly whenFalse: Block;
}
interface End extends Placed {
  readonly returns: number;
}
/** Instructions from the block's first one to the end of the program; undefined: not placed yet. */
interface Placed {
  place: number | undefined;
}

/** Instructions that one comparison may pass over. */
const SHORT_JUMP = 255;

/**
 * Lays a test out as a program, in the order of libpcap: each comparison, then what follows when it holds, then what
 * follows when it does not. Where a way on is too far for a comparison, a jump is put in.
 */
export function assemble(test: Test | undefined): Program {
  const match: End = { returns: MATCH_BYTES, place: undefined };
  if (test === undefined) return [ret(match)];
  const noMatch: End = { returns: 0, place: undefined };
  return layOut(blocksOf(test, match, noMatch));
}

/** Builds blocks from the last to the first, so that every way on is known. */
function blocksOf(test: Test, whenTrue: Block, whenFalse: Block): Block {
  switch (test.type) {
    case 'leaf':
      return { code: test.code, jump: test.jump, k: test.k, whenTrue, whenFalse, place: undefined };
    case 'not':
      return blocksOf(test.test, whenFalse, whenTrue);
    case 'chain': {
      let [onTrue, onFalse] = [whenTrue, whenFalse];
      for (const link of test.rest.toReversed()) {
        const next = blocksOf(link.test, onTrue, onFalse);
        if (link.isAnd) onTrue = next;
        else onFalse = next;
      }
      return blocksOf(test.first, onTrue, onFalse);
    }
  }
}

/** Places blocks from the end of the program to its start, and turns the whole around. */
function layOut(first: Block): Program {
  const backwards: Instruction[] = [];
  const stack: Block[] = [first];
  for (let block = stack.at(-1); block !== undefined; block = stack.at(-1)) {
    const next = block.place === undefined ? unplacedFrom(block) : undefined;
    if (next !== undefined) {
      stack.push(next);
      continue;
    }
    stack.pop();
    if (block.place !== undefined) continue;
    append(backwards, block);
    block.place = backwards.length;
  }
  return backwards.reverse();
}

/** The way on that is to be placed first: the one when it does not hold. */
function unplacedFrom(block: Block): Block | undefined {
  if ('returns' in block) return undefined;
  if (block.whenFalse.place === undefined) return block.whenFalse;
  return block.whenTrue.place === undefined ? block.whenTrue : undefined;
}

function append(backwards: Instruction[], block: Block): void {
  if ('returns' in block) {
    backwards.push(ret(block));
    return;
  }
  const { code, jump, k, whenTrue, whenFalse } = block;
  const end = backwards.length;
  // Distances from behind the comparison; the jumps that are put in stand there, the one when it holds first.
  const trueDistance = end - (whenTrue.place ?? 0);
  const falseDistance = end - (whenFalse.place ?? 0);
  const [isTrueFar, isFalseFar] = farSides(trueDistance, falseDistance);
  const jumps = Number(isTrueFar) + Number(isFalseFar);
  if (isFalseFar) backwards.push(ja(falseDistance));
  if (isTrueFar) backwards.push(ja(trueDistance + Number(isFalseFar)));
  backwards.push({
    code: jump,
    jt: isTrueFar ? 0 : trueDistance + jumps,
    jf: isFalseFar ? Number(isTrueFar) : falseDistance + jumps,
    k,
  });
  for (const instruction of code.toReversed()) backwards.push(instruction);
}

/** A jump that is put in makes the other way longer. */
function farSides(trueDistance: number, falseDistance: number): [boolean, boolean] {
  let [isTrueFar, isFalseFar] = [false, false];
  for (let pass = 0; pass < 2; pass++) {
    const jumps = Number(isTrueFar) + Number(isFalseFar);
    isTrueFar ||= trueDistance + jumps > SHORT_JUMP;
    isFalseFar ||= falseDistance + Number(isTrueFar) + Number(isFalseFar) > SHORT_JUMP;
  }
  return [isTrueFar, isFalseFar];
}

function ja(k: number): Instruction {
  return { code: JMP | JA, jt: 0, jf: 0, k };
}

function ret({ returns }: End): Instruction {
  return { code: RET | K, jt: 0, jf: 0, k: returns };
}
