import { type Program, isBranch, isJump, jumpTarget } from '../program/bpf.ts';

/** A block: opened before the instruction at `start`, closed before the one at `end`, to which its branches lead. */
export interface BlockSpan {
  readonly start: number;
  readonly end: number;
}

/** Stands before the first instruction: where a loop begins again. */
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
 * The blocks for all jumps forward, properly nested. One that would overlap the end of another is opened earlier, around
 * it.
 */
export function blockSpans(program: Program): BlockSpan[] {
  const starts = firstSources(program);
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
function firstSources(program: Program): Map<number, number> {
  const starts = new Map<number, number>();
  const note = (from: number, to: number): void => {
    if (to > from + 1) starts.set(to, Math.min(starts.get(to) ?? from, from));
  };
  const heads = loopHeads(program);
  if (heads.length > 0) for (const head of [0, ...heads]) starts.set(head, BEFORE_ALL);
  program.forEach((instruction, index) => {
    if (isJump(instruction)) note(index, jumpTarget(instruction, index));
    else if (isBranch(instruction)) {
      note(index, index + 1 + instruction.jt);
      note(index, index + 1 + instruction.jf);
    }
  });
  return starts;
}
