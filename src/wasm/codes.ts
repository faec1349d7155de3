import type { ByteReader } from './byteReader.ts';
import { hex } from './byteReader.ts';
import { refuse } from './refusal.ts';

// Instructions by their bytes (WebAssembly core specification 2.0, 5.4; threads; tail calls): as much as is needed to go
// from one to the next.

export const OPCODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  call: 0x10,
  drop: 0x1a,
  globalGet: 0x23,
  globalSet: 0x24,
  localGet: 0x20,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i32LtS: 0x48,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
  bulk: 0xfc,
  vector: 0xfd,
  atomic: 0xfe,
} as const;

const I64_CONST = 0x42;
const MEMORY_BYTES_LAST = 0x3e;

/** Division, remainder and roots take as long as a dozen others; of vectors and atomics, any may be one of these. */
export function isSlow(opcode: number): boolean {
  return SLOW.has(opcode);
}

const SLOW = new Set([0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82, 0x91, 0x95, 0x9f, 0xa3, 0xfd, 0xfe]);

/** What of an instruction matters beside its length. */
export type Effect = 'none' | 'opens' | 'loops' | 'closes' | 'grows' | 'moves';

/**
 * Passes over one instruction whose first byte was read.
 *
 * @returns `'moves'` for an instruction that touches as many bytes as the number on top of the stack says
 */
export function skipInstruction(reader: ByteReader, opcode: number): Effect {
  switch (opcode) {
    case OPCODE.block:
    case OPCODE.if:
      reader.skipNumber(5);
      return 'opens';
    case OPCODE.loop:
      reader.skipNumber(5);
      return 'loops';
    case OPCODE.end:
      return 'closes';
    case OPCODE.memoryGrow:
      reader.skipNumber(5);
      return 'grows';
    case OPCODE.bulk:
      return skipBulk(reader);
    case OPCODE.vector:
      skipVector(reader);
      return 'none';
    case OPCODE.atomic:
      skipAtomic(reader);
      return 'none';
    default:
      skipPlain(reader, opcode);
      return 'none';
  }
}

function skipPlain(reader: ByteReader, opcode: number): void {
  if ((opcode >= 0x45 && opcode <= 0xc4) || PLAIN.has(opcode)) return;
  if (opcode >= 0x28 && opcode <= MEMORY_BYTES_LAST) skipMemory(reader);
  else if (opcode >= 0x20 && opcode <= 0x26) reader.skipNumber(5);
  else if (ONE_NUMBER.has(opcode)) reader.skipNumber(opcode === I64_CONST ? 10 : 5);
  else if (TWO_NUMBERS.has(opcode)) skipNumbers(reader, 2);
  else if (opcode === 0x0e) skipNumbers(reader, reader.count('branches') + 1);
  else if (opcode === 0x1c) reader.skip(reader.count('types'));
  else if (opcode === 0x43) reader.skip(4);
  else if (opcode === 0x44) reader.skip(8);
  else refuse(`it has instruction 0x${opcode.toString(16)} at byte ${hex(reader.at - 1)}, which tapline does not know`);
}

/** unreachable, nop, else, return, drop, select, ref.is_null */
const PLAIN = new Set([0x00, 0x01, 0x05, 0x0f, 0x1a, 0x1b, 0xd1]);
/** br, br_if, call, return_call, memory.size, i32.const, i64.const, ref.null, ref.func */
const ONE_NUMBER = new Set([0x0c, 0x0d, 0x10, 0x12, 0x3f, 0x41, I64_CONST, 0xd0, 0xd2]);
/** call_indirect, return_call_indirect */
const TWO_NUMBERS = new Set([0x11, 0x13]);

/** Numbers behind bulk memory and table instructions, from 0xfc 8 on; before it are conversions, which have none. */
const BULK_NUMBERS = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1];
/** memory.init, memory.copy, memory.fill, table.init, table.copy, table.grow, table.fill */
const MOVES = new Set([8, 10, 11, 12, 14, 15, 17]);

function skipBulk(reader: ByteReader): Effect {
  const code = reader.u32();
  if (code < 8) return 'none';
  const numbers = BULK_NUMBERS[code - 8];
  if (numbers === undefined) return refuse(`it has instruction 0xfc ${code}, which tapline does not know`);
  skipNumbers(reader, numbers);
  return MOVES.has(code) ? 'moves' : 'none';
}

function skipVector(reader: ByteReader): void {
  const code = reader.u32();
  // Behind 0xff are relaxed instructions: they give other results on other machines.
  if (code > 0xff) refuse(`it has instruction 0xfd ${code}, which tapline does not know`);
  if (code <= 11 || code === 92 || code === 93) skipMemory(reader);
  else if (code === 12 || code === 13) reader.skip(16);
  else if (code >= 21 && code <= 34) reader.skip(1);
  else if (code >= 84 && code <= 91) {
    skipMemory(reader);
    reader.skip(1);
  }
}

function skipAtomic(reader: ByteReader): void {
  const code = reader.u32();
  if (code === 1 || code === 2) refuse('it has memory.atomic.wait, which would stop the line for ever');
  if (code > 0x4e) refuse(`it has instruction 0xfe ${code}, which tapline does not know`);
  if (code === 3) reader.skip(1);
  else skipMemory(reader);
}

/** Alignment and offset. */
function skipMemory(reader: ByteReader): void {
  if (reader.u32() > 0x3f) refuse('it addresses more than one memory');
  reader.skipNumber(5);
}

function skipNumbers(reader: ByteReader, count: number): void {
  for (let i = 0; i < count; i++) reader.skipNumber(5);
}
