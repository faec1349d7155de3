import { errnos } from '../sys/errno.ts';
import { type BpfInstruction, MAX_BPF_INSTRUCTIONS, sockFilter } from '../sys/sockFilter.ts';
import { checkOptionNames } from './knownOptions.ts';
import { type Driver, tunRequest } from './tunRequest.ts';

export type { BpfInstruction } from '../sys/sockFilter.ts';

/**
 * Attaches a program to a TAP device, in the place of an earlier one.
 *
 * @throws {TypeError} what is no program
 * @throws {RangeError} a number outside its field
 * @throws {TaplineError} `SYSCALL` (EINVAL: the kernel's checker refused it)
 */
export function attachBpfFilter(driver: Driver, program: readonly BpfInstruction[]): void {
  checkProgram(program);
  const { argument, code } = sockFilter(driver.libc, program);
  tunRequest(driver, 'TUNATTACHFILTER', argument, {
    [errnos.EINVAL]: {
      remedy: `the kernel refused the program of ${code.length / 8} instructions; must it end in a return?`,
    },
  });
}

/** Removes the program, if there is one. */
export function detachBpfFilter(driver: Driver): void {
  tunRequest(driver, 'TUNDETACHFILTER', 0);
}

const fields = { code: 0xffff, jt: 0xff, jf: 0xff, k: 0xffffffff } as const;
const fieldNames = Object.keys(fields) as (keyof typeof fields)[];

function checkProgram(program: unknown): void {
  if (!Array.isArray(program)) throw new TypeError(`Expected a list of instructions, got ${typeof program}`);
  if (program.length < 1 || program.length > MAX_BPF_INSTRUCTIONS) {
    throw new RangeError(`Expected 1 to ${MAX_BPF_INSTRUCTIONS} instructions, got ${program.length}`);
  }
  program.forEach((instruction: unknown, index) => {
    if (typeof instruction !== 'object' || instruction === null) {
      throw new TypeError(
        `Expected instruction ${index} to be { code, jt, jf, k }, got ${JSON.stringify(instruction)}`,
      );
    }
    checkOptionNames(instruction, fieldNames);
    for (const name of fieldNames) checkField(index, name, (instruction as Record<string, unknown>)[name]);
  });
}

function checkField(index: number, name: keyof typeof fields, value: unknown): void {
  if (typeof value !== 'number') {
    throw new TypeError(`Expected ${name} of instruction ${index} to be a number, got ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < 0 || value > fields[name]) {
    throw new RangeError(`Expected ${name} of instruction ${index} to be from 0 to ${fields[name]}, got ${value}`);
  }
}
