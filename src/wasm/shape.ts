import { ByteReader } from './byteReader.ts';
import { refuse } from './refusal.ts';
import { SECTION, type Section, readSections } from './sections.ts';

/** What a module is made of, as far as a host must know before it runs. */
export interface Shape {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Type of each function that the module defines. */
  readonly functions: readonly number[];
  /** The largest number of entries that a table may begin with. */
  readonly tableEntries: number;
  readonly memories: number;
  readonly globals: readonly Global[];
  readonly exports: ReadonlyMap<string, Export>;
  readonly hasStart: boolean;
  readonly hasData: boolean;
}

/** Value types, one character each as in the binary; enough to compare. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: Kind;
  /** Of a memory: pages. */
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly isShared: boolean;
}

export type Kind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface Export {
  readonly kind: Kind;
  readonly index: number;
}

export interface Global {
  readonly type: number;
  readonly isMutable: boolean;
  /** Its first value, where that is an i32.const; else undefined. */
  readonly constant: number | undefined;
}

export const I32 = 0x7f;
const KINDS: readonly Kind[] = ['function', 'table', 'memory', 'global', 'tag'];
const FUNCTION_TYPE = 0x60;

/** Of types, functions, imports, exports, globals and tables each. A filter needs a handful. */
const LIMIT = 1000;
const FUNCTION_LIMIT = 10_000;

/** Reads what a module says of itself; its code is not looked at. */
export function readShape(bytes: Uint8Array): Shape {
  const sections = readSections(bytes);
  const within = <Value>(id: number, read: (reader: ByteReader) => Value, none: Value): Value => {
    const section = sections.find((one) => one.id === id);
    return section === undefined ? none : readAll(new ByteReader(bytes, section.start, section.end), read);
  };
  return {
    bytes,
    sections,
    types: within(SECTION.type, readTypes, []),
    imports: within(SECTION.import, readImports, []),
    functions: within(SECTION.function, (reader) => list(reader, 'functions', (one) => one.u32(), FUNCTION_LIMIT), []),
    tableEntries: within(SECTION.table, readTables, 0),
    memories: within(SECTION.memory, (reader) => list(reader, 'memories', readLimits).length, 0),
    globals: within(SECTION.global, readGlobals, []),
    exports: within(SECTION.export, readExports, new Map<string, Export>()),
    hasStart: sections.some(({ id }) => id === SECTION.start),
    hasData: within(SECTION.data, (reader) => reader.u32() > 0, false),
  };
}

function readAll<Value>(reader: ByteReader, read: (reader: ByteReader) => Value): Value {
  return read(reader);
}

function list<Value>(reader: ByteReader, what: string, read: (reader: ByteReader) => Value, limit = LIMIT): Value[] {
  return Array.from({ length: reader.count(what, limit) }, () => read(reader));
}

function readTypes(reader: ByteReader): FunctionType[] {
  return list(reader, 'types', () => {
    if (reader.u8() !== FUNCTION_TYPE)
      refuse('it declares a type that is no function, of a proposal that tapline does not know');
    return {
      parameters: list(reader, 'parameters', (one) => one.u8()),
      results: list(reader, 'results', (one) => one.u8()),
    };
  });
}

function readImports(reader: ByteReader): Import[] {
  return list(reader, 'imports', () => {
    const module = reader.name();
    const name = reader.name();
    const kind = KINDS[reader.u8()] ?? refuse(`the kind of import ${module}.${name} is none`);
    const none = { minimum: 0, maximum: undefined, isShared: false };
    return { module, name, kind, ...none, ...readImportType(reader, kind) };
  });
}

function readImportType(reader: ByteReader, kind: Kind): Partial<Import> {
  if (kind === 'memory') return readLimits(reader);
  if (kind === 'function') reader.u32();
  else if (kind === 'table') readTable(reader);
  else reader.skip(2);
  return {};
}

/** Flags: 1 a maximum, 2 shared, 4 64-bit addresses. */
function readLimits(reader: ByteReader): { minimum: number; maximum: number | undefined; isShared: boolean } {
  const flags = reader.u8();
  if (flags > 3) refuse('a memory or table has limits of a proposal that tapline does not know');
  return {
    minimum: reader.u32(),
    maximum: (flags & 1) !== 0 ? reader.u32() : undefined,
    isShared: (flags & 2) !== 0,
  };
}

function readTables(reader: ByteReader): number {
  return Math.max(0, ...list(reader, 'tables', readTable));
}

function readTable(reader: ByteReader): number {
  reader.u8();
  return readLimits(reader).minimum;
}

const I32_CONST = 0x41;

function readGlobals(reader: ByteReader): Global[] {
  return list(reader, 'globals', () => {
    const type = reader.u8();
    const isMutable = reader.u8() === 1;
    return { type, isMutable, constant: readConstant(reader) };
  });
}

/** Passes over a constant expression. */
function readConstant(reader: ByteReader): number | undefined {
  let constant: number | undefined;
  let length = 0;
  for (let opcode = reader.u8(); opcode !== 0x0b; opcode = reader.u8()) {
    length++;
    if (opcode === I32_CONST) constant = reader.i32();
    else skipConstant(reader, opcode);
  }
  return length === 1 ? constant : undefined;
}

function skipConstant(reader: ByteReader, opcode: number): void {
  const isArithmetic = (opcode >= 0x6a && opcode <= 0x6c) || (opcode >= 0x7c && opcode <= 0x7e);
  if (isArithmetic) return;
  if (opcode === 0x42) reader.skipNumber();
  else if (opcode === 0x43) reader.skip(4);
  else if (opcode === 0x44) reader.skip(8);
  else if (opcode === 0x23 || opcode === 0xd0 || opcode === 0xd2) reader.skipNumber(5);
  else if (opcode === 0xfd && reader.u32() === 12) reader.skip(16);
  else refuse(`a constant has instruction 0x${opcode.toString(16)}, which tapline does not know`);
}

function readExports(reader: ByteReader): Map<string, Export> {
  const found = list(reader, 'exports', () => {
    const name = reader.name();
    const kind = KINDS[reader.u8()] ?? refuse(`the kind of export ${name} is none`);
    return [name, { kind, index: reader.u32() }] as const;
  });
  return new Map(found);
}
