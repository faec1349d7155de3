import { BATCH_COUNT } from '../../../assembly/layout.ts';
import type { RingSizes } from '../../../src/engine/uring/ringSizes.ts';
import { Uring } from '../../../src/engine/uring/uring.ts';
import { FakeKernel, type Faults } from './fakeKernel.ts';
import { Ledger } from './ledger.ts';

/** Bytes of a frame: its number, and nothing. */
const FRAME_BYTES = 60;

export interface WalkResult {
  readonly read: number;
  readonly written: number;
  /** Writes that were completed with an errno. */
  readonly failed: number;
  readonly readErrors: number;
  readonly enters: number;
}

/**
 * Sends `frames` frames through an engine over a kernel that fails on purpose, in random portions; forwards, reflects or
 * drops them. Holds at every step that each slot has one owner, each write one completion, and each port its order.
 */
export async function uringWalk(
  frames: number,
  faults: Faults,
  { sizes, slots = 512, seed = 1 }: { sizes?: RingSizes; slots?: number; seed?: number } = {},
): Promise<WalkResult> {
  const random = generator(seed);
  const kernel = new FakeKernel(random, FRAME_BYTES);
  const ledger = new Ledger(slots, 100);
  const ports = [0, 1].map((number) => ({ number, name: `port${number}`, fd: number }));
  const engine = await Uring.open(kernel.libc, ledger, ports, sizes === undefined ? {} : { sizes });
  kernel.faults = faults;
  engine.start({ ready: () => undefined });
  const state = { read: 0, written: 0, failed: 0, pending: 0, unsent: 0 };
  const lastIn = [0, 0];
  const lastOut = [0, 0];
  let next = 1;

  const turn = (limit: number): number => {
    const count = engine.turn(state.unsent, limit);
    if (count > limit) throw new Error(`${count} frames, ${limit} were asked for`);
    state.pending += state.unsent;
    state.unsent = 0;
    complete();
    for (let i = 0; i < count; i++) judge(engine.inbound.subarray(4 * i, 4 * i + 4));
    check();
    return count;
  };
  const complete = (): void => {
    for (let i = 0; i < engine.doneCount; i++) {
      const slot = engine.done[4 * i] ?? -1;
      ledger.move(slot, 'writing', 'line');
      ledger.drop(slot);
      state.pending--;
      if (engine.done[4 * i + 3] === 0) state.written++;
      else state.failed++;
    }
  };
  const judge = ([slot = -1, port = -1, length = 0, offset = 0]: Uint32Array): void => {
    ledger.move(slot, 'reading', 'line');
    const number = new DataView(ledger.bytes.buffer, ledger.address(slot) + offset).getUint32(0, true);
    if (length !== FRAME_BYTES || number <= (lastIn[port] ?? 0)) throw new Error(`Frame ${number} is out of order`);
    lastIn[port] = number;
    state.read++;
    if (random() < 0.1) {
      ledger.drop(slot);
      return;
    }
    ledger.move(slot, 'line', 'writing');
    engine.outbound.set([slot, random() < 0.9 ? 1 - port : port, FRAME_BYTES, offset], 4 * state.unsent++);
  };
  const check = (): void => {
    if (engine.pendingCount !== state.pending) throw new Error(`${engine.pendingCount} pending, not ${state.pending}`);
    if (ledger.count('writing') !== state.pending + state.unsent) throw new Error('a slot that is not being written');
    if (ledger.count('line') !== 0) throw new Error('a slot that the line forgot');
    if (ledger.count('pool') !== ledger.arena.freeCount) throw new Error('a slot that the pool forgot');
    kernel.ports.forEach(({ outgoing }, port) => {
      // Reflected frames and forwarded ones come by two ways: order is that of each.
      for (const number of outgoing) {
        const way = 2 * port + (number % 2);
        if (number <= (ways[way] ?? 0)) throw new Error(`Frame ${number} was overtaken on port ${port}`);
        ways[way] = number;
        lastOut[port] = number;
      }
      outgoing.length = 0;
    });
  };
  const ways = [0, 0, 0, 0];

  while (next <= frames) {
    const portion = Math.floor(random() * 400);
    // Odd numbers come in by port 1, even ones by port 0.
    for (let i = 0; i < portion && next <= frames; i++, next++) kernel.inject(next % 2, next);
    turn(random() < 0.1 ? Math.floor(random() * 8) : BATCH_COUNT);
    while (kernel.ports.some(({ incoming }) => incoming.length > 1000)) turn(BATCH_COUNT);
  }
  for (let quiet = 0; quiet < 1000;) quiet = turn(BATCH_COUNT) + state.unsent + state.pending > 0 ? 0 : quiet + 1;
  engine.close();
  complete();
  const strays = ledger.count('reading') + ledger.count('line') + ledger.count('writing');
  if (strays !== 0 || ledger.arena.freeCount !== ledger.slotCount) throw new Error(`${strays} slots were lost`);
  if (state.read !== frames) throw new Error(`${state.read} frames were read, ${frames} came in`);
  if (kernel.open.size !== 0) throw new Error('a descriptor was left open');
  return { ...state, readErrors: engine.readErrors, enters: kernel.enters };
}

/** A small random generator (mulberry32): the same walk each time. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
