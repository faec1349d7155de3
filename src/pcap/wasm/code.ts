import { Bytes } from './bytes.ts';
import * as op from './opcodes.ts';

/** The body of a function: instructions, and the blocks that are open. */
export class Code {
  readonly bytes = new Bytes();
  /** Open blocks and loops. A label is the number of those that were open before it. */
  #depth = 0;

  /** Instructions without operands. */
  emit(...instructions: readonly number[]): void {
    for (const instruction of instructions) this.bytes.byte(instruction);
  }

  constant(value: number): void {
    this.bytes.byte(op.I32_CONST);
    this.bytes.signed(value);
  }

  get(local: number): void {
    this.#indexed(op.LOCAL_GET, local);
  }

  set(local: number): void {
    this.#indexed(op.LOCAL_SET, local);
  }

  tee(local: number): void {
    this.#indexed(op.LOCAL_TEE, local);
  }

  getGlobal(global: number): void {
    this.#indexed(op.GLOBAL_GET, global);
  }

  setGlobal(global: number): void {
    this.#indexed(op.GLOBAL_SET, global);
  }

  call(index: number): void {
    this.#indexed(op.CALL, index);
  }

  /** A load or store at the address on the stack plus `offset`; `align` is the power of two that is promised. */
  memory(instruction: number, offset: number, align = 0): void {
    this.bytes.byte(instruction);
    this.bytes.unsigned(align);
    this.bytes.unsigned(offset);
  }

  /** Opens a block; a branch to its label leads behind its end. */
  block(): number {
    return this.#open(op.BLOCK);
  }

  /** Opens a loop; a branch to its label leads to its start. */
  loop(): number {
    return this.#open(op.LOOP);
  }

  /** Opens what is done when the number on the stack is not 0. */
  if(): number {
    return this.#open(op.IF);
  }

  /** Leaves on the stack what one of two pieces of code leaves: the first, if the number on the stack is not 0. */
  choose(first: () => void, second: () => void): void {
    this.emit(op.IF, op.I32);
    this.#depth++;
    first();
    this.emit(op.ELSE);
    second();
    this.end();
  }

  end(): void {
    this.bytes.byte(op.END);
    this.#depth--;
  }

  branch(label: number): void {
    this.#indexed(op.BR, this.#depthOf(label));
  }

  /** Branches when the number on the stack is not 0. */
  branchIf(label: number): void {
    this.#indexed(op.BR_IF, this.#depthOf(label));
  }

  /** Branches to the label that the number on the stack picks, or else to `other`. */
  branchTable(labels: readonly number[], other: number): void {
    this.#indexed(op.BR_TABLE, labels.length);
    for (const label of [...labels, other]) this.bytes.unsigned(this.#depthOf(label));
  }

  #indexed(instruction: number, index: number): void {
    this.bytes.byte(instruction);
    this.bytes.unsigned(index);
  }

  #open(instruction: number): number {
    this.emit(instruction, op.EMPTY);
    return this.#depth++;
  }

  #depthOf(label: number): number {
    return this.#depth - 1 - label;
  }
}
