import { DESCRIPTOR_WIRE_LENGTH } from '../../../assembly/layout.ts';
import * as B from '../program/bpf.ts';
import { emitAncillary } from './ancillary.ts';
import { BEFORE_ALL, type BlockSpan, blockSpans } from './blocks.ts';
import { Code } from './code.ts';
import { needs, sizeOf } from './flow.ts';
import type { Door, Handover } from './handover.ts';
import {
  ACCUMULATOR,
  DESCRIPTOR,
  FRAME,
  INDEX,
  KEPT,
  LENGTH,
  MEMORY,
  NEXT_PART,
  ROUNDS,
  SCRATCH,
  STATE,
} from './locals.ts';
import * as op from './opcodes.ts';
import type { Part } from './parts.ts';
import type { Repeats } from './repeats.ts';

/**
 * Rounds of the loops of a program, at most. libpcap has no such limit and walks in circles for ever where a packet tells
 * it to; a chain of headers that ends has fewer.
 */
export const ROUND_LIMIT = 10_000;

/** What is known of the whole program. */
export interface Facts {
  /** For each instruction how many bytes the frame surely has. */
  readonly proven: Float64Array;
  readonly repeats: Repeats;
  readonly handover: Handover;
}

/** Translates a part of a program, or the whole as its only part. */
export function translate(program: B.Program, part: Part, facts: Facts): Code {
  return new Translation(program, part, facts).run();
}

class Translation {
  readonly #program: B.Program;
  readonly #part: Part;
  readonly #facts: Facts;
  readonly #code = new Code();
  /** Labels of the blocks that end before an instruction. */
  readonly #labels = new Map<number, number>();
  /** Ends of the blocks that open before an instruction, the outermost first. */
  readonly #opening: ReadonlyMap<number, readonly number[]>;
  #reject = 0;
  #loop = 0;

  constructor(program: B.Program, part: Part, facts: Facts) {
    this.#program = program;
    this.#part = part;
    this.#facts = facts;
    this.#opening = openings(blockSpans(program, part));
  }

  run(): Code {
    const code = this.#code;
    const { start, exits } = this.#part;
    if (start > 0) this.#takeOver();
    this.#reject = code.block();
    const handOver = exits.length > 0 ? code.block() : 0;
    // The nearest one ends first: what runs out of the part falls there.
    for (const exit of exits.toReversed()) this.#labels.set(exit, code.block());
    this.#translatePart();
    for (const exit of exits) this.#leave(exit, handOver);
    if (exits.length > 0) this.#handOver();
    code.end();
    code.constant(0);
    return code;
  }

  #translatePart(): void {
    const { start, end, entries, hasLoop } = this.#part;
    if (hasLoop) this.#loop = this.#code.loop();
    if (entries.length > 1) this.#enter();
    this.#program.slice(start, end).forEach((instruction, i) => {
      this.#place(start + i);
      this.#translate(instruction, start + i);
    });
    if (hasLoop) this.#code.end();
  }

  /** Goes where STATE says: earlier parts set it, and all jumps back, which go through one loop. */
  #enter(): void {
    this.#open(BEFORE_ALL);
    this.#code.get(STATE);
    const labels = this.#part.entries.map((entry) => this.#label(entry));
    this.#code.branchTable(labels, labels[0] ?? 0);
  }

  // ── Between parts ──────────────────────────────────────────────────────────────────────────────────────────────────

  #takeOver(): void {
    const code = this.#code;
    code.constant(0);
    code.setGlobal(NEXT_PART);
    for (const local of [STATE, ...this.#facts.handover.locals]) {
      code.getGlobal(local);
      code.set(local);
    }
  }

  #leave(exit: number, handOver: number): void {
    const code = this.#code;
    const { part, state } = this.#door(exit);
    this.#labels.delete(exit);
    code.end();
    code.constant(part);
    code.setGlobal(NEXT_PART);
    code.constant(state);
    code.setGlobal(STATE);
    code.branch(handOver);
  }

  #handOver(): void {
    const code = this.#code;
    code.end();
    for (const local of this.#facts.handover.locals) {
      code.get(local);
      code.setGlobal(local);
    }
  }

  #door(entry: number): Door {
    const door = this.#facts.handover.doors.get(entry);
    if (door === undefined) throw new RangeError(`Nothing leads to instruction ${entry} from elsewhere`);
    return door;
  }

  // ── Instructions ───────────────────────────────────────────────────────────────────────────────────────────────────

  #place(index: number): void {
    if (this.#labels.delete(index)) this.#code.end();
    this.#open(index);
  }

  #open(index: number): void {
    for (const end of this.#opening.get(index) ?? []) this.#labels.set(end, this.#code.block());
  }

  #label(index: number): number {
    const label = this.#labels.get(index);
    if (label === undefined) throw new RangeError(`There is no block that ends before instruction ${index}`);
    return label;
  }

  #translate(instruction: B.Instruction, index: number): void {
    const { code, k } = instruction;
    switch (code & B.CLASS_MASK) {
      case B.LD:
        this.#load(instruction, index, ACCUMULATOR);
        break;
      case B.LDX:
        this.#load(instruction, index, INDEX);
        break;
      case B.ST:
        this.#move(ACCUMULATOR, MEMORY + k);
        break;
      case B.STX:
        this.#move(INDEX, MEMORY + k);
        break;
      case B.ALU:
        this.#compute(instruction);
        break;
      case B.JMP:
        if (B.isJump(instruction)) this.#jump(instruction, index);
        else this.#compare(instruction, index);
        break;
      case B.RET:
        this.#return(instruction);
        break;
      default:
        if (code === (B.MISC | B.TAX)) this.#move(ACCUMULATOR, INDEX);
        else this.#move(INDEX, ACCUMULATOR);
    }
  }

  #return({ code, k }: B.Instruction): void {
    const isAccumulator = code === (B.RET | B.A);
    if (!isAccumulator && k === 0) {
      this.#code.branch(this.#reject);
      return;
    }
    if (isAccumulator) this.#code.get(ACCUMULATOR);
    else this.#code.constant(k);
    this.#code.emit(op.RETURN);
  }

  #move(from: number, to: number): void {
    this.#code.get(from);
    this.#code.set(to);
  }

  // ── Loads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #load(instruction: B.Instruction, index: number, target: number): void {
    const slot = this.#facts.repeats.slotOf(instruction);
    if (slot === undefined) {
      if (this.#fetchValue(instruction, index)) this.#code.set(target);
      return;
    }
    const isKept = ((this.#facts.repeats.available[index] ?? 0) & (1 << slot)) !== 0;
    if (isKept) this.#code.get(KEPT + slot);
    else if (this.#fetchValue(instruction, index)) this.#code.tee(KEPT + slot);
    else return;
    this.#code.set(target);
  }

  /** Leaves on the stack what an instruction loads; false, and nothing, when it can only reject. */
  #fetchValue(instruction: B.Instruction, index: number): boolean {
    const code = this.#code;
    const { k } = instruction;
    switch (instruction.code & B.MODE_MASK) {
      case B.IMM:
        code.constant(k);
        break;
      case B.MEM:
        code.get(MEMORY + k);
        break;
      case B.LEN:
        code.get(DESCRIPTOR);
        code.memory(op.I32_LOAD, DESCRIPTOR_WIRE_LENGTH, 2);
        break;
      case B.MSH:
        if (!this.#checkLength(instruction, index)) return false;
        code.get(FRAME);
        code.memory(op.I32_LOAD8_U, k);
        code.constant(0xf);
        code.emit(op.I32_AND);
        code.constant(2);
        code.emit(op.I32_SHL);
        break;
      case B.ABS:
        if (k >= B.ANCILLARY) {
          if (emitAncillary(code, k, DESCRIPTOR)) break;
          code.branch(this.#reject);
          return false;
        }
        if (!this.#checkLength(instruction, index)) return false;
        code.get(FRAME);
        this.#fetch(sizeOf(instruction), k);
        break;
      default:
        if (!this.#checkLength(instruction, index)) return false;
        this.#checkIndex(needs(instruction));
        code.get(FRAME);
        code.get(INDEX);
        code.emit(op.I32_ADD);
        this.#fetch(sizeOf(instruction), k);
    }
    return true;
  }

  /** Rejects what is shorter than the constant part of a load needs; false: everything is. */
  #checkLength(instruction: B.Instruction, index: number): boolean {
    const code = this.#code;
    const needed = needs(instruction);
    if (needed > 0x7fffffff) {
      code.branch(this.#reject);
      return false;
    }
    if (needed <= (this.#facts.proven[index] ?? 0)) return true;
    code.get(LENGTH);
    code.constant(needed);
    code.emit(op.I32_LT_U);
    code.branchIf(this.#reject);
    return true;
  }

  /** X must not lead past the end. The length is at least `needed`, so the difference is not negative. */
  #checkIndex(needed: number): void {
    const code = this.#code;
    code.get(INDEX);
    code.get(LENGTH);
    code.constant(needed);
    code.emit(op.I32_SUB, op.I32_GT_U);
    code.branchIf(this.#reject);
  }

  /** Loads from the address on the stack, in network order. */
  #fetch(size: number, offset: number): void {
    const code = this.#code;
    if (size === 1) {
      code.memory(op.I32_LOAD8_U, offset);
      return;
    }
    if (size === 2) {
      code.memory(op.I32_LOAD16_U, offset);
      this.#swap16();
      return;
    }
    code.memory(op.I32_LOAD, offset);
    this.#swap32();
  }

  #swap16(): void {
    const code = this.#code;
    code.tee(SCRATCH);
    code.constant(8);
    code.emit(op.I32_SHR_U);
    code.get(SCRATCH);
    code.constant(8);
    code.emit(op.I32_SHL);
    code.constant(0xff00);
    code.emit(op.I32_AND, op.I32_OR);
  }

  #swap32(): void {
    const code = this.#code;
    code.tee(SCRATCH);
    code.constant(8);
    code.emit(op.I32_ROTL);
    code.constant(0x00ff00ff);
    code.emit(op.I32_AND);
    code.get(SCRATCH);
    code.constant(24);
    code.emit(op.I32_ROTL);
    code.constant(0xff00ff00);
    code.emit(op.I32_AND, op.I32_OR);
  }

  // ── Arithmetic ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #compute({ code: bits, k }: B.Instruction): void {
    const code = this.#code;
    const operation = bits & B.OPERATION_MASK;
    const isX = (bits & B.X) === B.X;
    const operand = (): void => {
      if (isX) code.get(INDEX);
      else code.constant(k);
    };
    if (operation === B.NEG) {
      code.constant(0);
      code.get(ACCUMULATOR);
      code.emit(op.I32_SUB);
      code.set(ACCUMULATOR);
      return;
    }
    if (isX && (operation === B.DIV || operation === B.MOD)) {
      code.get(INDEX);
      code.emit(op.I32_EQZ);
      code.branchIf(this.#reject);
    }
    code.get(ACCUMULATOR);
    operand();
    code.emit(OPERATIONS[operation] ?? op.I32_ADD);
    // WebAssembly takes the count modulo 32.
    if (isX && (operation === B.LSH || operation === B.RSH)) {
      code.constant(0);
      code.get(INDEX);
      code.constant(32);
      code.emit(op.I32_LT_U, op.SELECT);
    }
    code.set(ACCUMULATOR);
  }

  // ── Jumps ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #jump(instruction: B.Instruction, index: number): void {
    const target = B.jumpTarget(instruction, index);
    if (target <= index) this.#jumpBack(target);
    else if (target > index + 1) this.#code.branch(this.#label(target));
  }

  #jumpBack(target: number): void {
    const code = this.#code;
    code.get(ROUNDS);
    code.constant(1);
    code.emit(op.I32_ADD);
    code.tee(ROUNDS);
    code.constant(ROUND_LIMIT);
    code.emit(op.I32_GT_U);
    code.branchIf(this.#reject);
    code.constant(this.#door(target).state);
    code.set(STATE);
    code.branch(this.#loop);
  }

  #compare(instruction: B.Instruction, index: number): void {
    const code = this.#code;
    const { code: bits, jt, jf, k } = instruction;
    if (jt === jf) {
      if (jt > 0) code.branch(this.#label(index + 1 + jt));
      return;
    }
    code.get(ACCUMULATOR);
    if ((bits & B.X) === B.X) code.get(INDEX);
    else code.constant(k);
    const [holds, fails] = COMPARISONS[bits & B.OPERATION_MASK] ?? [[], []];
    code.emit(...(jt > 0 ? holds : fails));
    code.branchIf(this.#label(index + 1 + (jt > 0 ? jt : jf)));
    if (jt > 0 && jf > 0) code.branch(this.#label(index + 1 + jf));
  }
}

const OPERATIONS: Readonly<Record<number, number>> = {
  [B.ADD]: op.I32_ADD,
  [B.SUB]: op.I32_SUB,
  [B.MUL]: op.I32_MUL,
  [B.DIV]: op.I32_DIV_U,
  [B.MOD]: op.I32_REM_U,
  [B.AND]: op.I32_AND,
  [B.OR]: op.I32_OR,
  [B.XOR]: op.I32_XOR,
  [B.LSH]: op.I32_SHL,
  [B.RSH]: op.I32_SHR_U,
};

/** What leaves "not 0" on the stack when a comparison holds, and when it does not. */
const COMPARISONS: Readonly<Record<number, readonly [readonly number[], readonly number[]]>> = {
  [B.JEQ]: [[op.I32_EQ], [op.I32_NE]],
  [B.JGT]: [[op.I32_GT_U], [op.I32_LE_U]],
  [B.JGE]: [[op.I32_GE_U], [op.I32_LT_U]],
  [B.JSET]: [[op.I32_AND], [op.I32_AND, op.I32_EQZ]],
};

function openings(spans: readonly BlockSpan[]): Map<number, number[]> {
  const opening = new Map<number, number[]>();
  // Spans come by rising ends; the one that ends last is opened first.
  for (const { start, end } of spans.toReversed()) {
    const ends = opening.get(start);
    if (ends === undefined) opening.set(start, [end]);
    else ends.push(end);
  }
  return opening;
}
