import type { Program } from '../program/bpf.ts';
import { Code } from './code.ts';
import { provenBytes } from './flow.ts';
import { handover } from './handover.ts';
import { LOCALS_END, NEXT_PART, PARAMETERS } from './locals.ts';
import type { WasmFunction } from './module.ts';
import * as op from './opcodes.ts';
import { partsOf } from './parts.ts';
import { repeats } from './repeats.ts';
import { translate } from './translate.ts';

/**
 * Instructions that become one function, about. V8's work on a function grows faster than the function, and a process
 * that ends waits for what is being worked on.
 */
const PART_SIZE = 2000;

/**
 * Translates a program to functions, of which the last is the one to call: `(frame, length, descriptor) → value`, 0 where
 * the program does not match. It must have passed the validator, or come from the compiler.
 *
 * @param base number of the first function in the module
 */
export function functionsOf(program: Program, base: number, partSize = PART_SIZE): WasmFunction[] {
  const parts = partsOf(program, partSize);
  const kept = repeats(program);
  const facts = { proven: provenBytes(program), repeats: kept, handover: handover(program, parts, kept) };
  const functions = parts.map((part) => ({
    parameters: PARAMETERS,
    returns: true,
    locals: LOCALS_END - PARAMETERS,
    code: translate(program, part, facts),
  }));
  return functions.length === 1 ? functions : [...functions, caller(functions.length, base)];
}

/** What the last part has returned. */
const VALUE = PARAMETERS;

/** Calls the first part, and then each one at which another one has left off: always a later one. */
function caller(count: number, base: number): WasmFunction {
  const code = new Code();
  const end = code.block();
  for (let part = 0; part < count; part++) {
    const behind = code.block();
    code.getGlobal(NEXT_PART);
    code.constant(part);
    code.emit(op.I32_NE);
    code.branchIf(behind);
    for (let parameter = 0; parameter < PARAMETERS; parameter++) code.get(parameter);
    code.call(base + part);
    code.set(VALUE);
    code.getGlobal(NEXT_PART);
    code.emit(op.I32_EQZ);
    code.branchIf(end);
    code.end();
  }
  code.end();
  code.get(VALUE);
  return { parameters: PARAMETERS, returns: true, locals: 1, code };
}
