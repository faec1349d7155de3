import { ByteWriter } from './byteWriter.ts';
import { OPCODE } from './codes.ts';

/** What is put behind the entries that a section has. */
export interface Addition {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A mutable global, and what is kept beside it. */
export interface Twin {
  readonly index: number;
  /** Its value type. */
  readonly type: number;
  /** Global with its value at the first mark. */
  readonly seen: number;
  /** Global that says what is known of it: 0 nothing yet, STEADY or MOVING. */
  readonly state: number;
}

const STEADY = 1;
const MOVING = 2;

const EMPTY_BLOCK = 0x40;
/** i32.ne, i64.ne, f32.ne, f64.ne by value type. */
const NOT_EQUAL: ReadonlyMap<number, number> = new Map([
  [0x7f, 0x47],
  [0x7e, 0x52],
  [0x7d, 0x5c],
  [0x7c, 0x62],
]);

/**
 * `(fuel) => void`: takes the fuel, then for each global: remembers it at the first mark, and later notes whether it
 * has changed from one mark to the next.
 */
export function markBody(fuel: number, twins: readonly Twin[]): ByteWriter {
  const out = new ByteWriter().put(0);
  out.put(OPCODE.localGet, 0, OPCODE.globalSet).u32(fuel);
  for (const { index, type, seen, state } of twins) {
    get(out, state).put(OPCODE.i32Eqz, OPCODE.if, EMPTY_BLOCK);
    set(get(out, index), seen);
    setState(out, state, STEADY);
    out.put(OPCODE.else);
    get(get(out, index), seen).put(NOT_EQUAL.get(type) ?? OPCODE.unreachable, OPCODE.if, EMPTY_BLOCK);
    setState(out, state, MOVING);
    out.put(OPCODE.end, OPCODE.end);
  }
  return out.put(OPCODE.end);
}

/** `() => void`: puts steady globals back. */
export function restoreBody(twins: readonly Twin[]): ByteWriter {
  const out = new ByteWriter().put(0);
  for (const { index, seen, state } of twins) {
    get(out, state).put(OPCODE.i32Const, STEADY, OPCODE.i32Eq, OPCODE.if, EMPTY_BLOCK);
    set(get(out, seen), index).put(OPCODE.end);
  }
  return out.put(OPCODE.end);
}

/** Bytes moved that cost one unit of fuel: a power of two. */
const MOVED_BYTES_SHIFT = 6;

/** `(bytes) => bytes`: burns fuel for what is moved. A number of bytes is unsigned, so the cost is never negative. */
export function chargeBody(fuel: number): ByteWriter {
  const out = new ByteWriter().put(0);
  get(out, fuel).put(OPCODE.localGet, 0, OPCODE.i32Const, MOVED_BYTES_SHIFT, OPCODE.i32ShrU, OPCODE.i32Sub);
  set(out, fuel);
  get(out, fuel).put(OPCODE.i32Const, 0, OPCODE.i32LtS);
  out.put(OPCODE.if, EMPTY_BLOCK, OPCODE.unreachable, OPCODE.end);
  return out.put(OPCODE.localGet, 0, OPCODE.end);
}

function get(out: ByteWriter, global: number): ByteWriter {
  return out.put(OPCODE.globalGet).u32(global);
}

function set(out: ByteWriter, global: number): ByteWriter {
  return out.put(OPCODE.globalSet).u32(global);
}

function setState(out: ByteWriter, state: number, value: number): void {
  set(out.put(OPCODE.i32Const, value), state);
}
