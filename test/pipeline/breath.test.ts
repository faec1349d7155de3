import { afterEach, expect, it, vi } from 'vitest';
import { BATCH_COUNT, LINK_ETHERNET } from '../../assembly/layout.ts';
import { Arena } from '../../src/core/arena.ts';
import { Batch } from '../../src/core/batch.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { recordArray } from '../../src/engine/records.ts';
import { Breath } from '../../src/pipeline/breath.ts';
import { Chain } from '../../src/pipeline/chain.ts';
import { plainCopies } from '../../src/pipeline/copies.ts';
import { udpFrame } from '../../src/testing/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A breath over an engine that reads `batch` frames in each turn, `frames` in all, and writes at once. */
function breathOver(frames: number, batch: number): { readonly breathe: () => boolean; readonly breath: Breath } {
  const plan = { link: LINK_ETHERNET, headerBytes: 0, frameBytes: 1600, slots: 2 * BATCH_COUNT, offloads: 0 } as const;
  const arena = new Arena([0, 1].map((port) => ({ ...plan, port })));
  arena.setRoute(0, 1);
  const records = new Batch(arena);
  const log = { portNumber: () => 1, portName: () => '', log: () => undefined, bindCopy: plainCopies };
  const chain = new Chain({ arena, batch: records, ...log }, []);
  const ports = [0, 1].map((number) => ({ number, headerBytes: 0 }));
  const breath = new Breath(arena, records, engineOver(arena, frames, batch), chain, ports);
  return { breath, breathe: () => breath.breathe(() => undefined) };
}

function engineOver(arena: Arena, frames: number, batch: number): Engine {
  const frame = udpFrame();
  let left = frames;
  return {
    name: 'steady',
    inbound: recordArray(BATCH_COUNT),
    outbound: recordArray(BATCH_COUNT),
    done: recordArray(BATCH_COUNT),
    doneCount: 0,
    pendingCount: 0,
    readErrors: 0,
    turn(outCount, inLimit) {
      this.done.set(this.outbound.subarray(0, 4 * outCount));
      for (let i = 0; i < outCount; i++) this.done[4 * i + 3] = 0;
      Object.assign(this, { doneCount: outCount });
      const count = Math.min(batch, inLimit, left);
      left -= count;
      for (let i = 0; i < count; i++) {
        const slot = arena.take(0);
        arena.bytes.set(frame, arena.address(slot) + arena.readOffset(0));
        this.inbound.set([slot, 0, frame.length, arena.readOffset(0)], 4 * i);
      }
      return count;
    },
    start: () => undefined,
    portState: () => 'up',
    close: () => undefined,
  };
}

it('moves 1,024 packets of a flood, and leaves what is left to the next round of the event loop', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { breath, breathe } = breathOver(5000, BATCH_COUNT);
  expect(breathe()).toBe(true);
  // The last batch waits for the next turn.
  expect([breath.settled, breath.held]).toEqual([768, 256]);
  expect(breathe()).toBe(true);
  expect([breath.settled, breath.held]).toEqual([1792, 256]);
});

it('takes packets that come one by one in one round', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { breath, breathe } = breathOver(300, 1);
  expect(breathe()).toBe(false);
  expect([breath.settled, breath.held]).toEqual([300, 0]);
});

it('breaks off after the batch in which 5 ms are over', () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1));
  const { breath, breathe } = breathOver(300, 1);
  expect(breathe()).toBe(true);
  expect(breath.settled + breath.held).toBeLessThan(6);
});
