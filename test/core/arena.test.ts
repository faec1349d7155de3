import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { Arena, type PoolPlan } from '../../src/core/arena.ts';

function plan(port: number, changes: Partial<PoolPlan> = {}): PoolPlan {
  return { port, link: L.LINK_ETHERNET, headerBytes: 0, frameBytes: 1538, slots: 8, offloads: 0, ...changes };
}

describe('Arena', () => {
  it('gives each slot to one owner, the one used last first', () => {
    const arena = new Arena([plan(0), plan(1)]);
    const taken = Array.from({ length: 8 }, () => arena.take(1));
    expect(new Set(taken).size).toBe(8);
    expect(taken.every((slot) => slot >= 8 && slot < 16)).toBe(true);
    expect([arena.take(1), arena.take(0) >= 0]).toEqual([-1, true]);
    arena.release(taken[3] ?? -1);
    expect(arena.take(1)).toBe(taken[3]);
  });

  it('counts free slots', () => {
    const arena = new Arena([plan(0)]);
    expect([arena.slotCount, arena.freeCount]).toEqual([8 + L.BATCH_COUNT, 8 + L.BATCH_COUNT]);
    const slots = [arena.take(0), arena.takeForCopy()];
    expect(arena.freeCount).toBe(arena.slotCount - 2);
    for (const slot of slots) arena.release(slot);
    expect(arena.freeCount).toBe(arena.slotCount);
  });

  it('refuses to take back a slot that is free or none', () => {
    const arena = new Arena([plan(0)]);
    const slot = arena.take(0);
    arena.release(slot);
    for (const wrong of [slot, -1, arena.slotCount, 70_000, NaN]) {
      expect(() => {
        arena.release(wrong);
      }).toThrow(expect.objectContaining({ code: 'ENGINE_CONTRACT' }));
    }
    expect(arena.freeCount).toBe(arena.slotCount);
  });

  it('calls who waits once, when a slot of the pool comes back', () => {
    const arena = new Arena([plan(0, { slots: 2 }), plan(1)]);
    const slots = [arena.take(0), arena.take(0)];
    let calls = 0;
    arena.awaitSlot(0, () => calls++);
    arena.release(arena.take(1));
    expect(calls).toBe(0);
    for (const slot of slots) arena.release(slot);
    expect(calls).toBe(1);
  });

  it('lets who waits take the slot that came back', () => {
    const arena = new Arena([plan(0, { slots: 1 })]);
    const slot = arena.take(0);
    let next = -1;
    arena.awaitSlot(0, () => {
      next = arena.take(0);
    });
    arena.release(slot);
    expect([next, arena.take(0)]).toEqual([slot, -1]);
  });

  it('lays slots out side by side: odd numbers of lines, headroom, aligned IP headers', () => {
    for (const frameBytes of [64, 1538, 9038, 65_600]) {
      const plans = [plan(0, { frameBytes, headerBytes: 12 }), plan(1, { frameBytes, link: L.LINK_IP })];
      const arena = new Arena(plans);
      const ends: number[] = [];
      for (const { port, headerBytes, link } of plans) {
        const slot = arena.take(port);
        const start = arena.address(slot) + arena.readOffset(port) + headerBytes;
        expect(arena.address(slot) % 64).toBe(0);
        expect((arena.stride(slot) / 64) % 2).toBe(1);
        expect((start + (link === L.LINK_ETHERNET ? 14 : 0)) % 4).toBe(0);
        expect(arena.readOffset(port) + headerBytes).toBeGreaterThanOrEqual(128 + 12);
        expect(arena.readBytes(port)).toBe(headerBytes + frameBytes + 1);
        expect(arena.readOffset(port) + arena.readBytes(port)).toBeLessThanOrEqual(arena.stride(slot));
        ends.push(arena.address(slot) + arena.stride(slot));
      }
      expect(Math.max(...ends)).toBeLessThanOrEqual(arena.bytes.length);
    }
  });

  it('refuses what does not fit with ARENA_FULL', () => {
    const full = expect.objectContaining({ code: 'ARENA_FULL' }) as unknown;
    expect(() => new Arena([plan(0, { slots: 65_535 })])).toThrow(full);
    expect(() => new Arena([plan(0, { slots: 65_279 })])).not.toThrow();
    expect(() => new Arena([plan(0, { slots: 65_000, frameBytes: 80_000 })])).toThrow(full);
  });

  it('knows no ports but its own', () => {
    const arena = new Arena([plan(0)]);
    expect(() => arena.take(1)).toThrow(RangeError);
    expect(() => arena.address(5000)).toThrow(RangeError);
  });
});
