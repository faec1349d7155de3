import {
  ABS,
  ANCILLARY,
  B,
  CLASS_MASK,
  H,
  IND,
  type Instruction,
  JMP,
  LD,
  LDX,
  MODE_MASK,
  MSH,
  type Program,
  RET,
  SIZE_MASK,
  isJump,
  jumpTarget,
} from '../program/bpf.ts';

/** Where execution may go on behind the instruction at `index`. */
export function successors(instruction: Instruction, index: number): readonly number[] {
  if ((instruction.code & CLASS_MASK) === RET) return [];
  if (isJump(instruction)) return [jumpTarget(instruction, index)];
  if ((instruction.code & CLASS_MASK) !== JMP) return [index + 1];
  return [index + 1 + instruction.jt, index + 1 + instruction.jf];
}

/** Bytes of a load from the frame. */
export function sizeOf({ code }: Instruction): number {
  const size = code & SIZE_MASK;
  if (size === B) return 1;
  return size === H ? 2 : 4;
}

/** Bytes of the frame that an instruction surely needs; 0 for those that read none. */
export function needs(instruction: Instruction): number {
  const { code, k } = instruction;
  const mode = code & MODE_MASK;
  const isLoad = (code & CLASS_MASK) === LD && (mode === ABS || mode === IND);
  if (isLoad && mode === ABS && k >= ANCILLARY) return 0;
  const isHeaderLength = (code & CLASS_MASK) === LDX && mode === MSH;
  return isLoad || isHeaderLength ? k + sizeOf(instruction) : 0;
}

/**
 * For each instruction how many bytes the frame surely has when it is reached: what was read before need not be checked
 * again. Jumps back lead to where less was known, so one pass is enough.
 */
export function provenBytes(program: Program): Float64Array {
  const proven = new Float64Array(program.length).fill(Infinity);
  proven[0] = 0;
  program.forEach((instruction, index) => {
    const behind = Math.max(proven[index] ?? 0, needs(instruction));
    for (const next of successors(instruction, index)) {
      if (next > index) proven[next] = Math.min(proven[next] ?? 0, behind);
    }
  });
  return proven;
}
