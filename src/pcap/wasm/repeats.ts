import { ABS, ANCILLARY, CLASS_MASK, type Instruction, LD, LDX, MODE_MASK, MSH, type Program } from '../program/bpf.ts';
import { successors } from './flow.ts';

/** Loads that a program repeats: the first one keeps its value, the others need not read and swap again. */
export interface Repeats {
  /** Loads that are kept, at most KEPT_COUNT. */
  readonly count: number;
  /** Number of an instruction's load among those that are kept; undefined: it is not kept. */
  slotOf(instruction: Instruction): number | undefined;
  /** For each instruction which of them are surely there: one bit each. */
  readonly available: Int32Array;
}

/** So many values are kept. */
export const KEPT_COUNT = 8;

/** The frame does not change while a program runs, so what was loaded once is the same later. */
export function repeats(program: Program): Repeats {
  const slots = slotsOf(program);
  const slotOf = (instruction: Instruction): number | undefined => slots.get(keyOf(instruction));
  const available = new Int32Array(program.length).fill(-1);
  available[0] = 0;
  program.forEach((instruction, index) => {
    const slot = slotOf(instruction);
    const behind = (available[index] ?? 0) | (slot === undefined ? 0 : 1 << slot);
    for (const next of successors(instruction, index)) available[next] = (available[next] ?? 0) & behind;
  });
  return { count: slots.size, slotOf, available };
}

/** Those that occur most often, if they occur twice. */
function slotsOf(program: Program): Map<string, number> {
  const counts = new Map<string, number>();
  for (const instruction of program) {
    const key = keyOf(instruction);
    if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const often = [...counts].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  return new Map(often.slice(0, KEPT_COUNT).map(([key], slot) => [key, slot]));
}

/** The same for loads of the same bytes; '' for everything else. */
function keyOf({ code, k }: Instruction): string {
  const isAbsolute = (code & (CLASS_MASK | MODE_MASK)) === (LD | ABS) && k < ANCILLARY;
  const isHeaderLength = (code & (CLASS_MASK | MODE_MASK)) === (LDX | MSH);
  return isAbsolute || isHeaderLength ? `${code} ${k}` : '';
}
