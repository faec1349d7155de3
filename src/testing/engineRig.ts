import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { BATCH_COUNT, LINK_ETHERNET, RECORD_FLAG_TRUNCATED, SLOTS_OFFSET } from '../../assembly/layout.ts';
import { Arena } from '../core/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { ERRNO_WORD, LENGTH_WORD, OFFSET_WORD, PORT_WORD, RECORD_WORDS, SLOT_WORD, portOf } from '../engine/records.ts';
import type { EngineFixture, OpenEngine } from './engineSuite.ts';
import { put32 } from './fields.ts';

/** Numbers of the two ports. */
export const LEFT = 0;
export const RIGHT = 1;
/** Slots of each pool. */
export const SLOTS = 512;
/** Longest frame that is not truncated. */
export const FRAME_BYTES = 300;

const POISON = 0xa5;
/** How long anything may take that has to come. */
const PATIENCE_MS = 5000;

/** An Ethernet frame to everyone, EtherType 0x88b5 (IEEE 802 local experiments), with its number in its payload. */
export function testFrame(number: number, bytes = 60 + (number % 64)): Uint8Array {
  const frame = Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + number) & 0xff);
  frame.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
  put32(frame, 14, number);
  return frame;
}

/** A frame that the engine read. */
export interface Received {
  readonly port: number;
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
  readonly isTruncated: boolean;
  /** A copy. */
  readonly bytes: Uint8Array;
}

/** The line's side of an engine, with a ledger of slots: every record and completion is checked as it comes. */
export class Rig {
  readonly arena: Arena;
  readonly fixture: EngineFixture;
  /** Times that the engine told ready. */
  readyCount = 0;

  /** Slots that the line owns. */
  readonly #held = new Set<number>();
  /** Slots that the engine owns since they were handed out, with port and length. */
  readonly #pending = new Map<number, { readonly port: number; readonly length: number }>();
  #unsent = 0;
  /** Errnos of completions that no test has asked for yet. */
  #errnos: number[] = [];
  #isTurning = false;
  #wasToldInTurn = false;

  static async open(open: OpenEngine): Promise<Rig> {
    const plan = { link: LINK_ETHERNET, headerBytes: 0, frameBytes: FRAME_BYTES, slots: SLOTS, offloads: 0 } as const;
    const arena = new Arena([
      { ...plan, port: LEFT },
      { ...plan, port: RIGHT },
    ]);
    arena.bytes.fill(POISON, SLOTS_OFFSET);
    const fixture = await open(arena, [
      { number: LEFT, name: 'left' },
      { number: RIGHT, name: 'right' },
    ]);
    return new Rig(arena, fixture);
  }

  constructor(arena: Arena, fixture: EngineFixture) {
    this.arena = arena;
    this.fixture = fixture;
    this.engine.start({
      ready: () => {
        this.readyCount++;
        if (this.#isTurning) this.#wasToldInTurn = true;
      },
    });
  }

  get engine(): Engine {
    return this.fixture.engine;
  }

  /** Records handed out that have no completion yet. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  // ── Frames in ──────────────────────────────────────────────────────────────────────────────────────────────────────

  tryInject(port: number, frame: Uint8Array): boolean {
    return this.fixture.inject(port, frame);
  }

  /** Injects as soon as the port takes the frame. */
  async inject(port: number, frame: Uint8Array): Promise<void> {
    await this.until(() => this.tryInject(port, frame), `port ${port} takes a frame`);
  }

  /** One turn: hands out what was written, and takes in what there is. What is read belongs to the line. */
  turn(limit: number): Received[] {
    const outCount = this.#unsent;
    this.#unsent = 0;
    this.#isTurning = true;
    const count = this.engine.turn(outCount, limit);
    this.#isTurning = false;
    assert.ok(!this.#wasToldInTurn, 'ready was called inside of a turn');
    assert.ok(count <= limit, `${count} frames were read, the limit was ${limit}`);
    this.#errnos.push(...this.#takeCompletions());
    return Array.from({ length: count }, (_, i) => this.#receive(i * RECORD_WORDS));
  }

  /** Turns until `count` frames were read, each turn when the engine is ready. They stay with the line until the end. */
  async readUntil(count: number, limit = BATCH_COUNT): Promise<Received[]> {
    const all: Received[] = [];
    await this.until(() => {
      all.push(...this.turn(Math.min(limit, count - all.length)));
      return all.length >= count;
    }, `${count} frames are read`);
    return all;
  }

  /** Turns until nothing comes any more. */
  async readAll(): Promise<Received[]> {
    const all: Received[] = [];
    for (let quiet = 0; quiet < 3; quiet++) {
      const read = this.turn(BATCH_COUNT);
      all.push(...read);
      if (read.length > 0) quiet = 0;
      await pause(2);
    }
    return all;
  }

  // ── Frames out ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts a frame into a free slot; it goes out with the next turn. */
  write(port: number, frame: Uint8Array, { pool = port, offset = this.arena.readOffset(pool) } = {}): void {
    const slot = this.arena.take(pool);
    assert.ok(slot >= 0, 'the test has a free slot');
    this.#held.add(slot);
    this.arena.bytes.set(frame, this.arena.address(slot) + offset);
    this.#send(slot, port, frame.length, offset);
  }

  /** Sends a received frame out of a port, from its slot, with the next turn. */
  forward({ slot, length, offset }: Received, port: number): void {
    this.#send(slot, port, length, offset);
  }

  /** Gives the slot of a received frame back. */
  drop({ slot }: Received): void {
    this.#giveBack(slot);
  }

  /** Turns and collects until `count` frames have come out of a port. */
  async collectUntil(port: number, count: number): Promise<Uint8Array[]> {
    const all: Uint8Array[] = [];
    await this.until(() => {
      this.turn(0);
      all.push(...this.fixture.collect(port));
      return all.length >= count;
    }, `${count} frames come out of port ${port}`);
    return all;
  }

  /** Turns until there were `count` completions since the last call. Returns their errnos. */
  async completed(count: number): Promise<number[]> {
    await this.until(() => {
      this.turn(0);
      return this.#errnos.length >= count;
    }, `${count} writes are completed`);
    assert.equal(this.#errnos.length, count);
    return this.#errnos.splice(0);
  }

  // ── Slots, time and the end ────────────────────────────────────────────────────────────────────────────────────────

  /** Takes up to `count` free slots away from a pool. */
  takeSlots(port: number, count: number): number[] {
    const taken: number[] = [];
    for (let slot = 0; taken.length < count && slot >= 0;) {
      slot = this.arena.take(port);
      if (slot >= 0) taken.push(slot);
    }
    return taken;
  }

  releaseSlots(slots: readonly number[]): void {
    for (const slot of slots) this.arena.release(slot);
  }

  /** Nobody wrote into the slot but for these bytes. */
  assertPoison(slot: number, offset: number, length: number): void {
    const start = this.arena.address(slot);
    const bytes = this.arena.bytes.subarray(start, start + this.arena.stride(slot));
    const isWritten = (byte: number, i: number): boolean => byte !== POISON && (i < offset || i >= offset + length);
    assert.equal(bytes.findIndex(isWritten), -1, `slot ${slot} was written only where its frame lies`);
  }

  /** Waits for the next time that the engine tells ready. */
  async untilReady(): Promise<void> {
    const told = this.readyCount;
    await this.until(() => this.readyCount > told, 'ready is told');
  }

  /** Turns until the engine says that the port is gone. */
  async untilGone(port: number): Promise<void> {
    await this.until(() => {
      this.turn(BATCH_COUNT);
      return this.engine.portState(port) === 'gone';
    }, `port ${port} is gone`);
  }

  /** Lets the event loop and the other side catch up. */
  async settled(): Promise<void> {
    await pause(20);
  }

  async until(isDone: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isDone()) {
      assert.ok(performance.now() < deadline, `within ${PATIENCE_MS} ms: ${what}`);
      await pause(0);
    }
  }

  /** Takes in completions that came outside of a turn: by `close()`. */
  takeDone(): number[] {
    return this.#takeCompletions();
  }

  /** Closes all, and gives back what the line owns. */
  async close(): Promise<void> {
    if (this.#unsent > 0) this.turn(0);
    this.engine.close();
    this.#takeCompletions();
    assert.equal(this.pendingCount, 0, 'every outbound record was completed');
    for (const slot of this.#held) this.#giveBack(slot);
    await this.fixture.close();
  }

  #receive(word: number): Received {
    const { inbound } = this.engine;
    const [slot = -1, flags = 0, length = -1, offset = -1] = inbound.subarray(word, word + RECORD_WORDS);
    const port = portOf(flags);
    assert.ok(port === LEFT || port === RIGHT, `a frame came from port ${port}`);
    assert.ok(slot >= port * SLOTS && slot < (port + 1) * SLOTS, `slot ${slot} is one of port ${port}`);
    assert.ok(!this.#held.has(slot) && !this.#pending.has(slot), `slot ${slot} was the engine's to fill`);
    assert.equal(offset, this.arena.readOffset(port));
    assert.ok(length > 0 && length <= this.arena.readBytes(port), `length ${length}`);
    this.#held.add(slot);
    const start = this.arena.address(slot) + offset;
    const bytes = this.arena.bytes.slice(start, start + length);
    return { port, slot, offset, length, isTruncated: (flags & RECORD_FLAG_TRUNCATED) !== 0, bytes };
  }

  #send(slot: number, port: number, length: number, offset: number): void {
    if (this.#unsent === BATCH_COUNT) this.turn(0);
    assert.ok(this.#held.delete(slot), `slot ${slot} belongs to the line`);
    const { outbound } = this.engine;
    const word = this.#unsent++ * RECORD_WORDS;
    outbound[word + SLOT_WORD] = slot;
    outbound[word + PORT_WORD] = port;
    outbound[word + LENGTH_WORD] = length;
    outbound[word + OFFSET_WORD] = offset;
    this.#pending.set(slot, { port, length });
  }

  #takeCompletions(): number[] {
    const { done, doneCount } = this.engine;
    return Array.from({ length: doneCount }, (_, i) => this.#complete(done, i * RECORD_WORDS));
  }

  #complete(done: Uint32Array, word: number): number {
    const slot = done[word + SLOT_WORD] ?? -1;
    const record = this.#pending.get(slot);
    assert.ok(record !== undefined, `slot ${slot} was handed out, and not completed before`);
    this.#pending.delete(slot);
    assert.equal(done[word + PORT_WORD], record.port, 'a completion has the port of its record');
    assert.equal(done[word + LENGTH_WORD], record.length, 'a completion has the length of its record');
    this.#held.add(slot);
    this.#giveBack(slot);
    return done[word + ERRNO_WORD] ?? -1;
  }

  #giveBack(slot: number): void {
    this.#held.delete(slot);
    const start = this.arena.address(slot);
    this.arena.bytes.fill(POISON, start, start + this.arena.stride(slot));
    this.arena.release(slot);
  }
}
