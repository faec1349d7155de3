import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/core/arena.ts';
import { ArenaLayout } from '../../src/core/arenaLayout.ts';
import { lendReadLoop } from '../../src/engine/lent/lendReadLoop.ts';
import { Remains } from '../../src/engine/lent/remains.ts';
import type { Loan } from '../../src/engine/lent/lent.ts';
import { ReadLoop } from '../../src/engine/readloop.ts';
import { portOf } from '../../src/engine/records.ts';
import { lendUring } from '../../src/engine/uring/lend.ts';
import { Uring } from '../../src/engine/uring/uring.ts';
import { loadLibc } from '../../src/sys/libc.ts';
import { type SocketPair, openSocketPair } from './support/socketPair.ts';

const plans = [0, 1].map(
  (port) => ({ port, link: 1, headerBytes: 0, frameBytes: 300, slots: 512, offloads: 0 }) as const,
);
const frame = new Uint8Array(60).fill(7);

interface Lent {
  readonly loan: Loan;
  readonly engine: Uring | ReadLoop;
  readonly arena: Arena;
  readonly pairs: readonly SocketPair[];
}

/** An engine that is lent to nobody else: whoever stops in the middle leaves what a dead thread does. */
async function lend(kind: 'uring' | 'readloop'): Promise<Lent> {
  const libc = await loadLibc();
  const pairs = [await openSocketPair(), await openSocketPair()];
  const ports = pairs.map(({ fd }, number) => ({ number, name: `port${number}`, fd }));
  const layout = new ArenaLayout(plans);
  const memory = layout.allocate();
  const loan = kind === 'uring' ? await lendUring(libc, layout, memory, ports) : lendReadLoop(libc, ports);
  const arena = new Arena(plans, undefined, memory);
  const { handle } = loan;
  const engine =
    handle.engine === 'uring' ? Uring.adopt(libc, arena, ports, handle) : ReadLoop.adopt(libc, arena, ports, handle);
  return { loan, engine, arena, pairs };
}

function closeAll({ loan, engine, pairs }: Lent): void {
  engine.close();
  loan.bury();
  for (const pair of pairs) pair.close();
}

/** Hands `count` frames for a port to the engine. */
function write({ engine, arena }: Lent, port: number, count: number): void {
  for (let i = 0; i < count; i++) engine.outbound.set([arena.take(port), port, 60, arena.readOffset(port)], 4 * i);
  engine.turn(count, 0);
}

describe('Remains', () => {
  it('tell what was done beyond what was counted, over 32 bits', () => {
    const remains = new Remains([5, 3], [2 ** 32 + 7]);
    expect([remains.unread(0, 3), remains.unread(0, 5), remains.unread(1, 2 ** 32)]).toEqual([2, 0, 3]);
    expect([remains.unconfirmed(0, 2 ** 33 + 6), remains.unconfirmed(5, 0)]).toEqual([1, 0]);
  });

  it('of a ring know frames that were taken in and not handed on', async () => {
    const lent = await lend('uring');
    lent.engine.start({ ready: () => undefined });
    for (let i = 0; i < 10; i++) lent.pairs[0]?.send(frame);
    lent.pairs[1]?.send(frame);
    expect(lent.engine.turn(0, 4)).toBe(4);
    const remains = lent.loan.bury();
    const ports = [0, 1, 2, 3].map((record) => portOf(lent.engine.inbound[4 * record + 1] ?? 0));
    const ofRight = ports.filter((port) => port === 1).length;
    expect([remains.unread(0, 4 - ofRight), remains.unread(1, ofRight)]).toEqual([6 + ofRight, 1 - ofRight]);
    closeAll(lent);
  });

  it.each(['uring', 'readloop'] as const)('of %s know what was written', async (kind) => {
    const lent = await lend(kind);
    lent.engine.start({ ready: () => undefined });
    write(lent, 0, 3);
    write(lent, 1, 2);
    expect(lent.pairs.map((pair) => pair.receive().length)).toEqual([3, 2]);
    const remains = lent.loan.bury();
    expect([remains.unconfirmed(0, 0), remains.unconfirmed(1, 0), remains.unconfirmed(0, 2)]).toEqual([3, 2, 1]);
    closeAll(lent);
  });

  it('of a read loop know what was read', async () => {
    const lent = await lend('readloop');
    for (let i = 0; i < 10; i++) lent.pairs[1]?.send(frame);
    expect(lent.engine.turn(0, 6)).toBe(6);
    expect([lent.loan.bury().unread(1, 0), lent.loan.bury().unread(0, 0)]).toEqual([6, 0]);
    closeAll(lent);
  });
});

describe('a loan', () => {
  it.each(['uring', 'readloop'] as const)('of %s wakes nobody once it is silenced', async (kind) => {
    const lent = await lend(kind);
    let told = 0;
    lent.engine.start({ ready: () => told++ });
    lent.pairs[0]?.send(frame);
    await expect.poll(() => told).toBeGreaterThan(0);
    while (lent.engine.turn(0, 256) > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    lent.loan.silence();
    lent.loan.silence();
    told = 0;
    lent.pairs[0]?.send(frame);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toBe(0);
    // It lost nothing: whoever asks finds the frame.
    expect(lent.engine.turn(0, 256)).toBe(1);
    closeAll(lent);
  });

  it('of a ring is refused over another arena', async () => {
    const lent = await lend('uring');
    const libc = await loadLibc();
    const { handle } = lent.loan;
    if (handle.engine !== 'uring') return expect.unreachable();
    expect(() => Uring.adopt(libc, new Arena(plans), [], handle)).toThrow(RangeError);
    closeAll(lent);
  });

  it.each(['uring', 'readloop'] as const)('of %s can follow another one on the same ports', async (kind) => {
    const lent = await lend(kind);
    lent.engine.start({ ready: () => undefined });
    lent.pairs[0]?.send(frame);
    expect(lent.engine.turn(0, 256)).toBe(1);
    closeAll({ ...lent, pairs: [] });
    expect(() => lent.loan.bury()).not.toThrow();
    const again = await lend(kind);
    again.engine.start({ ready: () => undefined });
    again.pairs[0]?.send(frame);
    expect(again.engine.turn(0, 256)).toBe(1);
    closeAll(again);
    for (const pair of lent.pairs) pair.close();
  });
});
