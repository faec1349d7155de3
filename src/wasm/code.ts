import { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';
import { OPCODE, isSlow, skipInstruction } from './codes.ts';
import type { OffsetTable } from './offsets.ts';
import { refuse } from './refusal.ts';

/** Where the metering code finds what it needs. */
export interface Meter {
  /** Global that holds the fuel, an i32. */
  readonly fuel: number;
  /** Function that takes a number of bytes, burns fuel for them, and returns it. */
  readonly charge: number;
}

/** Bytes of code that cost one unit of fuel. */
const CODE_BYTES_PER_FUEL = 16;
/** What a slow instruction counts for beside its own bytes. */
const SLOW_BYTES = 15;
/** What `memory.grow` costs, in bytes moved: the host has much to do. */
const GROW_BYTES = 65_536;
const BLOCK_LIMIT = 10_000;

/**
 * Walks through the bodies of all functions and copies them; with a meter, each function and each round of a loop burns
 * fuel. Every instruction is looked at either way.
 *
 * @param origins is told where what came from, in bytes from the start of `out`
 * @returns whether memory.grow occurs
 */
export function copyCode(reader: ByteReader, out: ByteWriter, meter: Meter | undefined, origins: OffsetTable): boolean {
  let grows = false;
  const count = reader.count('functions');
  for (let i = 0; i < count; i++) {
    const bytes = reader.u32();
    const start = reader.at;
    reader.skip(bytes);
    const body = new Body(new ByteReader(reader.bytes, start, start + bytes), meter);
    grows = body.copy() || grows;
    out.u32(body.out.length);
    for (const { at, origin } of body.places) origins.add(out.length + at, origin);
    out.copy(body.out.bytes);
  }
  return grows;
}

/** A loop, or the function itself, whose length is not known yet. */
interface Open {
  /** Where the cost is to be written; −1 for a block that costs nothing. */
  readonly hole: number;
  /** Weight of the code before it. */
  readonly start: number;
}

class Body {
  readonly out = new ByteWriter();
  readonly places: { at: number; origin: number }[] = [];
  readonly #reader: ByteReader;
  readonly #meter: Meter | undefined;
  readonly #open: Open[] = [];
  /** Counted in beside the bytes read. */
  #slowBytes = 0;
  /** What comes from here on is still to be copied. */
  #copied: number;

  constructor(reader: ByteReader, meter: Meter | undefined) {
    this.#reader = reader;
    this.#meter = meter;
    this.#copied = reader.at;
  }

  copy(): boolean {
    const reader = this.#reader;
    this.#skipLocals();
    this.#enter();
    let grows = false;
    while (!reader.isDone) {
      const before = reader.at;
      const opcode = reader.u8();
      if (isSlow(opcode)) this.#slowBytes += SLOW_BYTES;
      const effect = skipInstruction(reader, opcode);
      if (effect === 'opens') this.#push(-1);
      else if (effect === 'loops') this.#enter();
      else if (effect === 'closes') this.#leave();
      else if (effect === 'moves') this.#charge(before);
      else if (effect === 'grows') {
        grows = true;
        this.#chargeGrowth(before);
      }
    }
    if (this.#open.length > 0) refuse('a function does not end');
    this.#flush(reader.at);
    return grows;
  }

  #skipLocals(): void {
    const groups = this.#reader.count('locals');
    for (let i = 0; i < groups; i++) {
      this.#reader.skipNumber(5);
      this.#reader.skip(1);
    }
  }

  /** fuel -= cost; if (fuel < 0) trap */
  #enter(): void {
    if (this.#meter === undefined) {
      this.#push(-1);
      return;
    }
    const { fuel } = this.#meter;
    this.#flush(this.#reader.at);
    const { out } = this;
    out.put(OPCODE.globalGet).u32(fuel).put(OPCODE.i32Const);
    const hole = out.hole();
    out.put(OPCODE.i32Sub, OPCODE.globalSet).u32(fuel);
    out.put(OPCODE.globalGet).u32(fuel).put(OPCODE.i32Const, 0, OPCODE.i32LtS);
    out.put(OPCODE.if, 0x40, OPCODE.unreachable, OPCODE.end);
    this.#push(hole);
  }

  #push(hole: number): void {
    if (this.#open.length >= BLOCK_LIMIT) refuse(`its blocks are nested more than ${BLOCK_LIMIT} deep`);
    this.#open.push({ hole, start: this.#weight });
  }

  #leave(): void {
    const open = this.#open.pop() ?? refuse('a function ends before its end');
    if (open.hole < 0) return;
    this.out.patch(open.hole, 1 + Math.floor((this.#weight - open.start) / CODE_BYTES_PER_FUEL));
  }

  /** Bytes of code so far, slow ones counted for more. */
  get #weight(): number {
    return this.#reader.at + this.#slowBytes;
  }

  /** The number of bytes lies on top of the stack. */
  #charge(before: number): void {
    if (this.#meter === undefined) return;
    this.#flush(before);
    this.out.put(OPCODE.call).u32(this.#meter.charge);
  }

  #chargeGrowth(before: number): void {
    if (this.#meter === undefined) return;
    this.#flush(before);
    this.out.put(OPCODE.i32Const).i32(GROW_BYTES);
    this.out.put(OPCODE.call).u32(this.#meter.charge).put(OPCODE.drop);
  }

  /** Copies what lies before `end` of the old module. */
  #flush(end: number): void {
    this.places.push({ at: this.out.length, origin: this.#copied });
    this.out.copy(this.#reader.bytes.subarray(this.#copied, end));
    this.#copied = end;
  }
}
