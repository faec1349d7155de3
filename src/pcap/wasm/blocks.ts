import { type Program, isJump, jumpTarget } from '../program/bpf.ts';
import { successors } from './flow.ts';
import type { Part } from './parts.ts';

/** A block: opened before the instruction at `start`, closed before the one at `end`, to which its branches lead. */
export interface BlockSpan {
  readonly start: number;
  readonly end: number;
}

/** Stands before the first instruction: where a part is entered, and a loop begins again. */
export const BEFORE_ALL = -1;

/** Instructions to which a jump leads back. */
export function loopHeads(program: Program): number[] {
  const heads = new Set<number>();
  program.forEach((instruction, index) => {
    if (isJump(instruction) && jumpTarget(instruction, index) <= index) heads.add(jumpTarget(instruction, index));
  });
  return [...heads].sort((a, b) => a - b);
}

/**
 * The blocks for all jumps forward inside a part, properly nested. One that would overlap the end of another is opened earlier, around
 * it.
 */
export function blockSpans(program: Program, part: Part): BlockSpan[] {
  const starts = firstSources(program, part);
  const spans: BlockSpan[] = [];
  const open: BlockSpan[] = [];
  for (const end of [...starts.keys()].sort((a, b) => a - b)) {
    let start = starts.get(end) ?? 0;
    for (let top = open.at(-1); top !== undefined && top.end > start; top = open.at(-1)) {
      start = Math.min(start, top.start);
      open.pop();
    }
    const span = { start, end };
    open.push(span);
    spans.push(span);
  }
  return spans;
}

/** For each instruction that a jump leads forward to, the first one from which it does. */
function firstSources(program: Program, { start, end, entries }: Part): Map<number, number> {
  const starts = new Map<number, number>();
  if (entries.length > 1) for (const entry of entries) starts.set(entry, BEFORE_ALL);
  for (let index = start; index < end; index++) {
    const instruction = program[index];
    if (instruction === undefined) continue;
    for (const next of successors(instruction, index)) {
      if (next > index + 1 && next < end) starts.set(next, Math.min(starts.get(next) ?? index, index));
    }
  }
  return starts;
}
