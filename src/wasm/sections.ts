import { ByteReader, hex } from './byteReader.ts';
import { refuse } from './refusal.ts';

/** Numbers of the sections that are read or written here (WebAssembly core specification, 5.5.2). */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** Sections in the order in which they must stand. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

export interface Section {
  readonly id: number;
  /** Of a custom section; empty for others. */
  readonly name: string;
  /** Where its content begins and ends, in bytes from the module's first. */
  readonly start: number;
  readonly end: number;
}

/** `\0asm`, version 1. */
export const PREAMBLE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Cuts a module into its sections. */
export function readSections(bytes: Uint8Array): Section[] {
  checkPreamble(bytes);
  const reader = new ByteReader(bytes, PREAMBLE.length);
  const sections: Section[] = [];
  let last = -1;
  while (!reader.isDone) {
    const section = readSection(reader);
    sections.push(section);
    if (section.id === SECTION.custom) continue;
    const place = SECTION_ORDER.indexOf(section.id);
    if (place < 0) refuse(`it has a section ${section.id}, of a proposal that tapline does not know`);
    if (place <= last) refuse(`section ${section.id} at byte ${hex(section.start)} is out of order`);
    last = place;
  }
  return sections;
}

function checkPreamble(bytes: Uint8Array): void {
  if (bytes.length === 0) refuse('it is empty');
  const isModule = PREAMBLE.subarray(0, 4).every((byte, i) => bytes[i] === byte);
  if (!isModule) refuse('it is not WebAssembly: it does not begin with \\0asm');
  const isVersion = PREAMBLE.every((byte, i) => bytes[i] === byte);
  if (!isVersion) refuse('it is not WebAssembly of version 1');
}

function readSection(reader: ByteReader): Section {
  const id = reader.u8();
  const bytes = reader.u32();
  const start = reader.at;
  reader.skip(bytes);
  if (id !== SECTION.custom) return { id, name: '', start, end: reader.at };
  const content = new ByteReader(reader.bytes, start, reader.at);
  return { id, name: content.name(), start: content.at, end: reader.at };
}
