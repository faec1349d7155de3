import { TaplineError } from '../../errors.ts';
import type { Instruction, Program } from './bpf.ts';
import { validateProgram } from './validate.ts';

/** A program that somebody else compiled: what `tcpdump -ddd` prints, `struct sock_filter` bytes, or a list. */
export type ForeignProgram = string | Uint8Array | readonly Instruction[];

/**
 * Reads and checks a program.
 *
 * @throws {TypeError} what is none of these
 * @throws {TaplineError} `BAD_PROGRAM`
 */
export function readProgram(source: ForeignProgram): Program {
  const program = instructionsOf(source);
  validateProgram(program);
  return program;
}

function instructionsOf(source: ForeignProgram): Program {
  if (typeof source === 'string') return fromText(source);
  if (source instanceof Uint8Array) return fromBytes(source);
  if (Array.isArray(source)) return (source as readonly unknown[]).map(checkInstruction);
  throw new TypeError(`Expected a program as text, bytes or a list of instructions, got ${typeof source}`);
}

/** The number of instructions, then `code jt jf k` for each. Commas may stand for the ends of lines. */
function fromText(text: string): Program {
  const [count = '', ...lines] = text.trim().split(/\s*[,\n]\s*/);
  if (!/^\d+$/.test(count))
    throw refused('its first line must be the number of instructions, as tcpdump -ddd prints it');
  if (Number(count) !== lines.length) throw refused(`it has ${lines.length} instructions and says ${count}`);
  return lines.map((line, index) => {
    const match = /^(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(line);
    if (match === null)
      throw refused(`line ${index + 2} must be 'code jt jf k', got ${JSON.stringify(line.slice(0, 40))}`);
    const [code = 0, jt = 0, jf = 0, k = 0] = match.slice(1).map(Number);
    return checkFields({ code, jt, jf, k }, index);
  });
}

const INSTRUCTION_BYTES = 8;

/** u16 code, u8 jt, u8 jf, u32 k, little-endian as on every machine that tapline runs on. */
function fromBytes(bytes: Uint8Array): Program {
  if (bytes.length % INSTRUCTION_BYTES !== 0)
    throw refused(`${bytes.length} bytes are no whole number of instructions`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / INSTRUCTION_BYTES }, (_, i) => ({
    code: view.getUint16(8 * i, true),
    jt: view.getUint8(8 * i + 2),
    jf: view.getUint8(8 * i + 3),
    k: view.getUint32(8 * i + 4, true),
  }));
}

function checkInstruction(value: unknown, index: number): Instruction {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`Expected instruction ${index} to be { code, jt, jf, k }, got ${JSON.stringify(value)}`);
  }
  const { code, jt, jf, k } = value as Record<string, unknown>;
  return checkFields({ code, jt, jf, k } as unknown as Instruction, index);
}

const LARGEST: Readonly<Record<keyof Instruction, number>> = { code: 0xffff, jt: 0xff, jf: 0xff, k: 0xffffffff };

function checkFields(instruction: Instruction, index: number): Instruction {
  for (const [name, largest] of Object.entries(LARGEST)) {
    const value = instruction[name as keyof Instruction];
    if (!Number.isInteger(value) || value < 0 || value > largest) {
      throw refused(`${name} of instruction ${index} must be a number from 0 to ${largest}, got ${String(value)}`);
    }
  }
  return instruction;
}

function refused(problem: string): TaplineError {
  return new TaplineError('BAD_PROGRAM', `Cannot read the program: ${problem}`);
}
