import { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';
import { type Meter, copyCode } from './code.ts';
import { type Addition, chargeBody, markBody, restoreBody } from './helpers.ts';
import { OffsetTable } from './offsets.ts';
import { PREAMBLE, SECTION, SECTION_ORDER } from './sections.ts';
import { I32, type Shape } from './shape.ts';

/** Fuel for what runs before the first batch, and for each tick. */
export const START_FUEL = 10_000_000;

/** Names under which the host finds what was added. No filter may have exports that begin like this. */
export const HOST_PREFIX = 'tapline:';
export const MARK = `${HOST_PREFIX}mark`;
export const RESTORE = `${HOST_PREFIX}restore`;
export const FUEL = `${HOST_PREFIX}fuel`;

export interface Rewritten {
  readonly bytes: Uint8Array;
  readonly origins: OffsetTable;
  /** Whether its code has memory.grow. */
  readonly grows: boolean;
}

/**
 * Adds to a module what a host needs to contain it:
 *
 * - `tapline:mark(fuel: i32)`, called before each batch: fills up the fuel and looks at the mutable globals;
 * - `tapline:restore()`, called behind a trap: puts globals back that had the same value at every mark, as a stack
 *   pointer has;
 * - where `isMetered`, the global `tapline:fuel`, and code that burns it.
 *
 * Indices of what the module has stay as they are.
 */
export function rewrite(shape: Shape, isMetered: boolean): Rewritten {
  const plan = planOf(shape, isMetered);
  const origins = new OffsetTable();
  const out = new ByteWriter(shape.bytes.length + 1024);
  out.copy(PREAMBLE);
  let grows = false;
  for (const id of SECTION_ORDER) {
    if (id === SECTION.code) grows = writeCode(shape, plan, out, origins);
    else writeSection(shape, id, plan.additions.get(id), out);
  }
  for (const { id, start, end, name } of shape.sections) {
    // Names serve stack traces; all other custom sections have been read, or are for others.
    if (id === SECTION.custom && name === 'name') {
      const content = new ByteWriter().name(name).copy(shape.bytes.subarray(start, end));
      out.put(id).u32(content.length).copy(content.bytes);
    }
  }
  return { bytes: out.bytes, origins, grows };
}

interface Plan {
  /** What goes to the end of each section. */
  readonly additions: ReadonlyMap<number, Addition>;
  readonly bodies: readonly ByteWriter[];
  readonly meter: Meter | undefined;
}

/** Value types of which a global can be put back. */
const NUMBERS = [0x7f, 0x7e, 0x7d, 0x7c];

function planOf({ types, functions, globals }: Shape, isMetered: boolean): Plan {
  const kept = globals.flatMap(({ type, isMutable }, index) =>
    isMutable && NUMBERS.includes(type) ? [{ index, type }] : [],
  );
  const fuel = globals.length;
  const twins = kept.map(({ index, type }, i) => ({ index, type, seen: fuel + 1 + 2 * i, state: fuel + 2 + 2 * i }));
  const first = functions.length;
  const meter = { fuel, charge: first + 2 };
  const type = types.length;
  const additions = new Map<number, Addition>([
    [SECTION.type, { count: 3, bytes: Uint8Array.of(0x60, 1, I32, 0, 0x60, 0, 0, 0x60, 1, I32, 1, I32) }],
    [SECTION.function, { count: 3, bytes: numbers(type, type + 1, type + 2) }],
    [SECTION.global, { count: 1 + 2 * twins.length, bytes: globalsOf(twins) }],
    [SECTION.export, { count: 3, bytes: exportsOf(first, fuel) }],
  ]);
  const bodies = [markBody(fuel, twins), restoreBody(twins), chargeBody(fuel)];
  return { additions, bodies, meter: isMetered ? meter : undefined };
}

function numbers(...values: readonly number[]): Uint8Array {
  const out = new ByteWriter();
  for (const value of values) out.u32(value);
  return out.bytes;
}

/** The fuel, then for each global its twin and what is known of it. */
function globalsOf(twins: readonly { readonly type: number }[]): Uint8Array {
  const out = new ByteWriter();
  out.put(I32, 1, 0x41).i32(START_FUEL).put(0x0b);
  for (const { type } of twins) {
    out.put(type, 1, ...(ZEROS.get(type) ?? []), 0x0b);
    out.put(I32, 1, 0x41, 0, 0x0b);
  }
  return out.bytes;
}

const ZEROS: ReadonlyMap<number, readonly number[]> = new Map([
  [0x7f, [0x41, 0]],
  [0x7e, [0x42, 0]],
  [0x7d, [0x43, 0, 0, 0, 0]],
  [0x7c, [0x44, 0, 0, 0, 0, 0, 0, 0, 0]],
]);

function exportsOf(first: number, fuel: number): Uint8Array {
  const out = new ByteWriter();
  out.name(MARK).put(0).u32(first);
  out
    .name(RESTORE)
    .put(0)
    .u32(first + 1);
  out.name(FUEL).put(3).u32(fuel);
  return out.bytes;
}

function writeSection({ bytes, sections }: Shape, id: number, addition: Addition | undefined, out: ByteWriter): void {
  const section = sections.find((one) => one.id === id);
  if (section === undefined && addition === undefined) return;
  const content = new ByteWriter();
  if (addition === undefined) {
    if (section !== undefined) content.copy(bytes.subarray(section.start, section.end));
  } else {
    const old = section === undefined ? undefined : new ByteReader(bytes, section.start, section.end);
    content.u32((old?.u32() ?? 0) + addition.count);
    if (old !== undefined) content.copy(bytes.subarray(old.at, old.end));
    content.copy(addition.bytes);
  }
  out.put(id).u32(content.length).copy(content.bytes);
}

function writeCode({ bytes, sections, functions }: Shape, plan: Plan, out: ByteWriter, origins: OffsetTable): boolean {
  const section = sections.find(({ id }) => id === SECTION.code);
  const content = new ByteWriter();
  const places = new OffsetTable();
  let grows = false;
  if (section !== undefined) {
    grows = copyCode(new ByteReader(bytes, section.start, section.end), content, plan.meter, places);
  }
  for (const body of plan.bodies) content.u32(body.length).copy(body.bytes);
  const head = new ByteWriter().u32(functions.length + plan.bodies.length);
  out
    .put(SECTION.code)
    .u32(head.length + content.length)
    .copy(head.bytes);
  places.moveTo(out.length, origins);
  out.copy(content.bytes);
  return grows;
}
