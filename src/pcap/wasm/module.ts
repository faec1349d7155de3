import { Bytes } from './bytes.ts';
import type { Code } from './code.ts';
import * as op from './opcodes.ts';

/** A function of a module: parameters and locals are i32. */
export interface WasmFunction {
  readonly parameters: number;
  /** Whether it returns an i32. */
  readonly returns: boolean;
  /** Locals beside the parameters. */
  readonly locals: number;
  readonly code: Code;
}

// Numbers of sections, core specification 5.5.2.
const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const GLOBALS = 6;
const EXPORTS = 7;
const CODE = 10;
const FUNCTION_TYPE = 0x60;
const IMPORT_MEMORY = 0x02;
const LIMITS_SHARED = 0x03;
const MUTABLE = 0x01;
/** Pages that a memory may have, at most: the arena's bounds its own. */
const MAXIMUM_PAGES = 65_536;

/**
 * Encodes a module that imports the arena's memory as `env.memory` and exports its last function as `name`.
 *
 * @param globals so many variables of its own, each an i32 that is 0 at first
 */
export function encodeModule(functions: readonly WasmFunction[], name: string, globals = 0): Uint8Array {
  const module = new Bytes();
  module.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  section(module, TYPES, (bytes) => {
    vector(bytes, functions, ({ parameters, returns }) => {
      bytes.byte(FUNCTION_TYPE);
      bytes.unsigned(parameters);
      for (let i = 0; i < parameters; i++) bytes.byte(op.I32);
      bytes.append(returns ? [1, op.I32] : [0]);
    });
  });
  section(module, IMPORTS, (bytes) => {
    bytes.unsigned(1);
    bytes.name('env');
    bytes.name('memory');
    bytes.append([IMPORT_MEMORY, LIMITS_SHARED, 1]);
    bytes.unsigned(MAXIMUM_PAGES);
  });
  section(module, FUNCTIONS, (bytes) => {
    vector(bytes, functions, (_, index) => {
      bytes.unsigned(index);
    });
  });
  if (globals > 0)
    section(module, GLOBALS, (bytes) => {
      bytes.unsigned(globals);
      for (let i = 0; i < globals; i++) bytes.append([op.I32, MUTABLE, op.I32_CONST, 0, op.END]);
    });
  section(module, EXPORTS, (bytes) => {
    bytes.unsigned(1);
    bytes.name(name);
    bytes.byte(0);
    bytes.unsigned(functions.length - 1);
  });
  section(module, CODE, (bytes) => {
    vector(bytes, functions, ({ locals, code }) => {
      const body = new Bytes();
      body.unsigned(locals === 0 ? 0 : 1);
      if (locals > 0) {
        body.unsigned(locals);
        body.byte(op.I32);
      }
      body.append(code.bytes.view);
      body.byte(op.END);
      bytes.unsigned(body.length);
      bytes.append(body.view);
    });
  });
  return module.view;
}

function section(module: Bytes, number: number, write: (bytes: Bytes) => void): void {
  const bytes = new Bytes();
  write(bytes);
  module.byte(number);
  module.unsigned(bytes.length);
  module.append(bytes.view);
}

function vector<Item>(bytes: Bytes, items: readonly Item[], write: (item: Item, index: number) => void): void {
  bytes.unsigned(items.length);
  items.forEach(write);
}
