import { describe, expect, it } from 'vitest';
import { Pacing } from '../../src/pipeline/pacing.ts';

describe('Pacing', () => {
  it('lets portions follow while there is room for them', () => {
    const pacing = new Pacing();
    for (const pending of [0, 256, 0, 200, 256]) expect(pacing.waits(pending, 0)).toBe(false);
  });

  it('waits while somebody makes room, however long it takes', () => {
    const pacing = new Pacing();
    let now = 0;
    for (let pending = 512; pending > 256; pending -= 4) expect(pacing.waits(pending, (now += 9))).toBe(true);
    expect(pacing.waits(256, now)).toBe(false);
  });

  it('waits 10 ms for a reader that stays away, and then no more on its account', () => {
    const pacing = new Pacing();
    for (let round = 0; round < 20; round++) expect(pacing.waits(512, round / 2)).toBe(true);
    expect(pacing.waits(512, 10)).toBe(false);
    // What others have on their way may still be a batch more.
    expect([512, 768].map((pending) => pacing.waits(pending, 20))).toEqual([false, false]);
    expect(pacing.waits(769, 21)).toBe(true);
    // It has come back.
    expect(pacing.waits(100, 22)).toBe(false);
    expect(pacing.waits(400, 23)).toBe(true);
  });

  it('waits 10 rounds, however long each takes: the process may have been stopped, and the reader with it', () => {
    const pacing = new Pacing();
    for (let round = 0; round < 10; round++) expect(pacing.waits(512, round * 1000)).toBe(true);
    expect(pacing.waits(512, 10_000)).toBe(false);
  });
});
