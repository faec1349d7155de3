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
import { encodeModule } from './module.ts';
import * as op from './opcodes.ts';
import { translate } from './translate.ts';

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

/** A module that exports `judge(count)`: it writes the outcomes of the active packets. */
export function judgeModule(programs: Programs, match: Judgement, other: Judgement): Uint8Array {
  return batchModule(programs, 'judge', (code) => {
    code.if();
    emitOutcome(code, match);
    code.emit(op.ELSE);
    emitOutcome(code, other);
    code.end();
  });
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
  return batchModule(
    programs,
    'split',
    (code) => {
      code.if();
      emitAppend(code, MATCHED, ACTIVE_OFFSET);
      code.emit(op.ELSE);
      emitAppend(code, ASIDE, SKIPPED_OFFSET);
      code.end();
    },
    (code) => {
      code.get(MATCHED);
      code.constant(INDEX_BYTES);
      code.emit(op.I32_DIV_U);
    },
  );
}

// The parameter, and locals. Places are in bytes from the start of a list.
const COUNT = 0;
const PLACE = 1;
const PACKET = 2;
const DESCRIPTOR = 3;
const MATCHED = 4;
const ASIDE = 5;
const LOCALS = 5;

function batchModule(
  { ethernet, ip }: Programs,
  name: string,
  emitTake: (code: Code) => void,
  emitResult?: (code: Code) => void,
): Uint8Array {
  const programs = [ethernet, ip].filter((program) => program !== undefined);
  const code = new Code();
  const end = code.block();
  code.get(COUNT);
  code.emit(op.I32_EQZ);
  code.branchIf(end);
  const again = code.loop();
  emitPacket(code);
  emitCall(code, ethernet !== undefined && ip !== undefined);
  emitTake(code);
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
  emitResult?.(code);
  const batch = { parameters: 1, returns: emitResult !== undefined, locals: LOCALS, code };
  return encodeModule([...programs.map(translate), batch], name);
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

/** Leaves on the stack what the program says: the first function is the one for Ethernet, if there are two. */
function emitCall(code: Code, areTwo: boolean): void {
  if (!areTwo) {
    emitCallOf(code, 0);
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
      emitCallOf(code, 0);
    },
    () => {
      emitCallOf(code, 1);
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
