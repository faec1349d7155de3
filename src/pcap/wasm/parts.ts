import { type Program, isJump, jumpTarget } from '../program/bpf.ts';
import { loopHeads } from './blocks.ts';
import { successors } from './flow.ts';

/** A part of a program, which becomes a function of its own: the instructions from `start` to before `end`. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** Where it may begin, and begin again: its first instruction, those to which earlier parts lead, and heads of loops. */
  readonly entries: readonly number[];
  /** Instructions of later parts where the program may go on, in order. */
  readonly exits: readonly number[];
  readonly hasLoop: boolean;
}

/** Cuts a program into parts of about `size` instructions. A loop stays whole, so parts lead only to those behind them. */
export function partsOf(program: Program, size: number): Part[] {
  const starts = startsOf(program, size);
  const ends = [...starts.slice(1), program.length];
  const exits = starts.map((start, i) => exitsOf(program, start, ends[i] ?? 0));
  const entered = inOrder(exits.flat());
  const heads = loopHeads(program);
  return starts.map((start, i) => {
    const end = ends[i] ?? 0;
    const ownHeads = within(heads, start, end);
    const entries = [...new Set([start, ...ownHeads, ...within(entered, start, end)])];
    return { start, end, entries, exits: exits[i] ?? [], hasLoop: ownHeads.length > 0 };
  });
}

function startsOf(program: Program, size: number): number[] {
  const loopEnds = loopEndsOf(program);
  const starts: number[] = [];
  let [next, loopEnd] = [0, 0];
  program.forEach((_, index) => {
    if (index >= next && index >= loopEnd) {
      starts.push(index);
      next = index + size;
    }
    loopEnd = Math.max(loopEnd, loopEnds.get(index) ?? 0);
  });
  return starts;
}

/** For the first instruction of each loop the one behind its last. */
function loopEndsOf(program: Program): Map<number, number> {
  const ends = new Map<number, number>();
  program.forEach((instruction, index) => {
    if (!isJump(instruction)) return;
    const target = jumpTarget(instruction, index);
    if (target <= index) ends.set(target, index + 1);
  });
  return ends;
}

function exitsOf(program: Program, start: number, end: number): number[] {
  const exits: number[] = [];
  for (let index = start; index < end; index++) {
    const instruction = program[index];
    if (instruction === undefined) continue;
    for (const next of successors(instruction, index)) if (next >= end) exits.push(next);
  }
  return inOrder(exits);
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Those of a sorted list that lie in a range: found by halving, since long programs have many parts. */
function within(sorted: readonly number[], start: number, end: number): readonly number[] {
  return sorted.slice(placeOf(sorted, start), placeOf(sorted, end));
}

function placeOf(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
