import {
  ACTIVE_OFFSET,
  SKIPPED_OFFSET,
  DESCRIPTORS_OFFSET,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FRAME,
  DESCRIPTOR_IN_PORT,
  DESCRIPTOR_LENGTH,
  INDEX_BYTES,
  LINK_ETHERNET,
  OUTCOMES_OFFSET,
  OUTCOME_BYTES,
  OUTCOME_REASON,
  OUTCOME_VERDICT,
  PORTS_OFFSET,
  PORT_BYTES,
  PORT_LINK,
  VERDICT_CONTINUE,
  VERDICT_DROP,
} from '../../../assembly/layout.ts';
import type { Program } from '../program/bpf.ts';
import { Code } from './code.ts';
import { functionsOf } from './functions.ts';
import { GLOBAL_COUNT } from './locals.ts';
import { type WasmFunction, encodeModule } from './module.ts';
import * as op from './opcodes.ts';

/** The programs of one filter, one for each kind of frame that its line carries. */
export interface Programs {
  readonly ethernet?: Program;
  readonly ip?: Program;
}

/** What a packet gets: a VERDICT_*, and for a drop the reason as in OUTCOME_REASON. */
export interface Judgement {
  readonly verdict: number;
  readonly reason?: number;
}

/**
 * A module that exports `judge(count)`: it writes the outcomes of the active packets.
 *
 * @param partSize see `functionsOf`
 */
export function judgeModule(programs: Programs, match: Judgement, other: Judgement, partSize?: number): Uint8Array {
  const take = (code: Code): void => {
    code.if();
    emitOutcome(code, match);
    code.emit(op.ELSE);
    emitOutcome(code, other);
    code.end();
  };
  return batchModule({ programs, name: 'judge', take, partSize });
}

/** The module of a filter that lets pass what matches, and drops all else with its first reason. */
export function passModule(programs: Programs): Uint8Array {
  return judgeModule(programs, { verdict: VERDICT_CONTINUE }, { verdict: VERDICT_DROP, reason: 1 });
}

/**
 * A module that exports `split(count)`: it leaves the packets that match in the list of active ones, puts the others into
 * the list of those set aside, both in their order, and returns how many match.
 */
export function splitModule(programs: Programs): Uint8Array {
  const take = (code: Code): void => {
    code.if();
    emitAppend(code, MATCHED, ACTIVE_OFFSET);
    code.emit(op.ELSE);
    emitAppend(code, ASIDE, SKIPPED_OFFSET);
    code.end();
  };
  const result = (code: Code): void => {
    code.get(MATCHED);
    code.constant(INDEX_BYTES);
    code.emit(op.I32_DIV_U);
  };
  return batchModule({ programs, name: 'split', take, result });
}

// The parameter, and locals. Places are in bytes from the start of a list.
const COUNT = 0;
const PLACE = 1;
const PACKET = 2;
const DESCRIPTOR = 3;
const MATCHED = 4;
const ASIDE = 5;
const LOCALS = 5;

/** What is done with each packet of a batch. */
interface Batch {
  readonly programs: Programs;
  readonly name: string;
  /** Emits what takes the value of the program from the stack. */
  readonly take: (code: Code) => void;
  /** Emits what leaves the result on the stack. */
  readonly result?: (code: Code) => void;
  readonly partSize?: number | undefined;
}

function batchModule({ programs: { ethernet, ip }, name, take, result, partSize }: Batch): Uint8Array {
  const programs = [ethernet, ip].filter((program) => program !== undefined);
  const functions: WasmFunction[] = [];
  const entries = programs.map((program) => functions.push(...functionsOf(program, functions.length, partSize)) - 1);
  const code = new Code();
  const end = code.block();
  code.get(COUNT);
  code.emit(op.I32_EQZ);
  code.branchIf(end);
  const again = code.loop();
  emitPacket(code);
  emitCall(code, entries);
  take(code);
  code.get(PLACE);
  code.constant(INDEX_BYTES);
  code.emit(op.I32_ADD);
  code.tee(PLACE);
  code.get(COUNT);
  code.constant(INDEX_BYTES);
  code.emit(op.I32_MUL, op.I32_LT_U);
  code.branchIf(again);
  code.end();
  code.end();
  result?.(code);
  const batch = { parameters: 1, returns: result !== undefined, locals: LOCALS, code };
  return encodeModule([...functions, batch], name, functions.length > programs.length ? GLOBAL_COUNT : 0);
}

/** Finds the packet at the place, and its descriptor. */
function emitPacket(code: Code): void {
  code.get(PLACE);
  code.memory(op.I32_LOAD16_U, ACTIVE_OFFSET, 1);
  code.tee(PACKET);
  code.constant(DESCRIPTOR_BYTES);
  code.emit(op.I32_MUL);
  code.constant(DESCRIPTORS_OFFSET);
  code.emit(op.I32_ADD);
  code.set(DESCRIPTOR);
}

/** Leaves on the stack what the program says. If there are two, the first is the one for Ethernet. */
function emitCall(code: Code, [first = 0, second]: readonly number[]): void {
  if (second === undefined) {
    emitCallOf(code, first);
    return;
  }
  code.get(DESCRIPTOR);
  code.memory(op.I32_LOAD16_U, DESCRIPTOR_IN_PORT, 1);
  code.constant(PORT_BYTES);
  code.emit(op.I32_MUL);
  code.memory(op.I32_LOAD8_U, PORTS_OFFSET + PORT_LINK);
  code.constant(LINK_ETHERNET);
  code.emit(op.I32_EQ);
  code.choose(
    () => {
      emitCallOf(code, first);
    },
    () => {
      emitCallOf(code, second);
    },
  );
}

function emitCallOf(code: Code, index: number): void {
  code.get(DESCRIPTOR);
  code.memory(op.I32_LOAD, DESCRIPTOR_FRAME, 2);
  code.get(DESCRIPTOR);
  code.memory(op.I32_LOAD, DESCRIPTOR_LENGTH, 2);
  code.get(DESCRIPTOR);
  code.call(index);
}

/** An outcome is zero before a filter writes it, which is VERDICT_CONTINUE. */
function emitOutcome(code: Code, { verdict, reason = 0 }: Judgement): void {
  if (verdict === VERDICT_CONTINUE) return;
  emitOutcomeAddress(code);
  code.constant(verdict);
  code.memory(op.I32_STORE, OUTCOMES_OFFSET + OUTCOME_VERDICT, 2);
  if (reason === 0) return;
  emitOutcomeAddress(code);
  code.constant(reason);
  code.memory(op.I32_STORE16, OUTCOMES_OFFSET + OUTCOME_REASON, 1);
}

function emitOutcomeAddress(code: Code): void {
  code.get(PACKET);
  code.constant(OUTCOME_BYTES);
  code.emit(op.I32_MUL);
}

/** Appends the packet to a list. The list of active ones is written behind where it is read, never before. */
function emitAppend(code: Code, place: number, list: number): void {
  code.get(place);
  code.get(PACKET);
  code.memory(op.I32_STORE16, list, 1);
  code.get(place);
  code.constant(INDEX_BYTES);
  code.emit(op.I32_ADD);
  code.set(place);
}
