import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.ts';
import { Arena } from '../../src/core/arena.ts';
import { ArenaLayout, type PoolPlan } from '../../src/core/arenaLayout.ts';

const plans: readonly PoolPlan[] = [
  { port: 0, link: L.LINK_ETHERNET, headerBytes: 12, frameBytes: 1538, slots: 8, offloads: 1 },
  { port: 1, link: L.LINK_IP, headerBytes: 0, frameBytes: 65_600, slots: 5, offloads: 0 },
];
const segments = { frameBytes: 1666, slots: 16 };

describe('ArenaLayout', () => {
  it('places every slot and read as the arena does', () => {
    const layout = new ArenaLayout(plans, segments);
    const arena = new Arena(plans, segments);
    expect(layout.slotCount).toBe(arena.slotCount);
    for (let slot = 0; slot < arena.slotCount; slot++) {
      expect([layout.address(slot), layout.stride(slot)]).toEqual([arena.address(slot), arena.stride(slot)]);
    }
    for (const { port } of plans) {
      expect([layout.readOffset(port), layout.readBytes(port)]).toEqual([
        arena.readOffset(port),
        arena.readBytes(port),
      ]);
    }
    expect(layout.fits(arena.memory)).toBe(true);
  });

  it('keeps pools apart, and the region behind them', () => {
    const { pools, staging, region, pages } = new ArenaLayout(plans, segments);
    let end = L.SLOTS_OFFSET;
    for (const { address, stride, plan } of pools) {
      expect(address).toBeGreaterThanOrEqual(end);
      end = address + stride * plan.slots;
    }
    expect(staging).toBe(end);
    expect(region.address).toBe(staging + L.STAGING_BYTES);
    expect(region.address + region.bytes).toBeLessThanOrEqual(pages * 65_536);
  });

  it('knows no slots and ports but its own', () => {
    const layout = new ArenaLayout(plans);
    expect(() => layout.address(layout.slotCount)).toThrow(RangeError);
    expect(() => layout.readOffset(2)).toThrow(RangeError);
    expect([layout.stride(70_000), layout.poolOfSlot(-1)]).toEqual([0, undefined]);
  });
});

describe('Arena in a memory that is handed in', () => {
  it('lies there, with filters that run in place', () => {
    const memory = new ArenaLayout(plans, segments).allocate();
    const arena = new Arena(plans, segments, memory);
    expect(arena.memory).toBe(memory);
    expect(arena.bytes.buffer).toBe(memory.buffer);
    expect(arena.region.take(1000)).toBeGreaterThan(arena.staging);
    const slot = arena.take(0);
    expect([slot, arena.takeForCopy() >= 0, arena.takeForSegment() >= 0]).toEqual([0, true, true]);
  });

  it('refuses one of another layout', () => {
    const memory = new ArenaLayout([{ ...plans[0], slots: 9000 } as PoolPlan]).allocate();
    expect(() => new Arena(plans, segments, memory)).toThrow(RangeError);
  });

  it('refuses one that was used: its counters would count on', () => {
    const memory = new ArenaLayout(plans).allocate();
    expect(() => new Arena(plans, undefined, memory)).not.toThrow();
    expect(() => new Arena(plans, undefined, memory)).toThrow(/used/);
  });
});
