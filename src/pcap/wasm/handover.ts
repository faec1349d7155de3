import * as B from '../program/bpf.ts';
import type { Part } from './parts.ts';
import type { Repeats } from './repeats.ts';
import * as local from './locals.ts';

/** What the parts of a program leave to each other, in globals: each local has the one of its own number. */
export interface Handover {
  /** Locals whose values a later part may need. */
  readonly locals: readonly number[];
  /** For each instruction to which another part leads, or a loop: the part that it is in, and the STATE that leads to it. */
  readonly doors: ReadonlyMap<number, Door>;
}

export interface Door {
  readonly part: number;
  readonly state: number;
}

export function handover(program: B.Program, parts: readonly Part[], repeats: Repeats): Handover {
  const doors = new Map<number, Door>();
  parts.forEach(({ entries }, part) => {
    entries.forEach((entry, state) => doors.set(entry, { part, state }));
  });
  const rounds = parts.some(({ hasLoop }) => hasLoop) ? [local.ROUNDS] : [];
  const kept = Array.from({ length: repeats.count }, (_, slot) => local.KEPT + slot);
  return { locals: [local.ACCUMULATOR, local.INDEX, ...rounds, ...scratchRegisters(program), ...kept], doors };
}

/** Those that are written; all others are 0. */
function scratchRegisters(program: B.Program): number[] {
  const stores = program.filter(({ code }) => [B.ST, B.STX].includes(code & B.CLASS_MASK));
  return [...new Set(stores.map(({ k }) => local.MEMORY + k))];
}
