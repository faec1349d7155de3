import { describe, expect, it } from 'vitest';
import { BATCH_COUNT } from '../../assembly/layout.ts';
import { Arena } from '../../src/core/arena.ts';
import { Joined } from '../../src/engine/joined.ts';
import { Loopback } from '../../src/engine/loopback.ts';

/** One memory engine for each list of ports. */
function joined(...shares: readonly (readonly number[])[]) {
  const arena = new Arena(
    shares.flat().map((port) => ({ port, link: 1, headerBytes: 0, frameBytes: 100, slots: 512, offloads: 0 }) as const),
  );
  const engines = shares.map((ports) => ({
    ports,
    engine: new Loopback(
      arena,
      ports.map((number) => ({ number, name: `p${number}` })),
    ),
  }));
  const offer = (port: number, count: number): void => {
    const owner = engines.find(({ ports }) => ports.includes(port))?.engine.port(port);
    for (let i = 0; i < count; i++) owner?.offer(new Uint8Array(60).fill(i));
  };
  const engine = new Joined(engines);
  const countOf = (port: number, count: number): number =>
    Array.from({ length: count }, (_, i) => engine.inbound[i * 4 + 1]).filter((found) => found === port).length;
  return { engine, offer, countOf };
}

describe('Joined', () => {
  it('shares a batch by ports, not by engines', () => {
    const { engine, offer, countOf } = joined([0, 1, 2], [3]);
    for (const port of [0, 1, 2, 3]) offer(port, 300);
    const count = engine.turn(0, BATCH_COUNT);
    expect([0, 1, 2, 3].map((port) => countOf(port, count))).toEqual([64, 64, 64, 64]);
  });

  it('gives a busy engine what idle ones leave', () => {
    const { engine, offer } = joined([0], [1], [2]);
    offer(1, 300);
    expect(engine.turn(0, BATCH_COUNT)).toBe(BATCH_COUNT);
    expect(engine.turn(0, BATCH_COUNT)).toBe(300 - BATCH_COUNT);
  });

  it('lets nobody starve when the limit is less than the number of engines', () => {
    const { engine, offer, countOf } = joined([0], [1], [2]);
    for (const port of [0, 1, 2]) offer(port, 10);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 9; turn++) {
      expect(engine.turn(0, 1)).toBe(1);
      for (const port of [0, 1, 2]) counts[port] = (counts[port] ?? 0) + countOf(port, 1);
    }
    expect(counts).toEqual([3, 3, 3]);
  });

  it('is named after its members, and refuses a port that nobody serves', () => {
    const { engine } = joined([0], [1]);
    expect(engine.name).toBe('loopback + loopback');
    expect(engine.portState(7)).toBe('gone');
    engine.outbound.set([0, 7, 60, 0]);
    expect(() => engine.turn(1, 0)).toThrow(expect.objectContaining({ code: 'ENGINE_CONTRACT' }));
  });
});
