import { describe, expect, it } from 'vitest';
import { LOSS_REASONS } from '../../src/pipeline/loss.ts';
import { LineTally, PortTally, talliesIn, tallyMemory } from '../../src/pipeline/tally.ts';

describe('tallies', () => {
  it('count alike by themselves and in shared memory', () => {
    const shared = talliesIn(tallyMemory(2));
    for (const { line, ports } of [shared, { line: new LineTally(), ports: [new PortTally(), new PortTally()] }]) {
      ports[1]?.take(60);
      ports[1]?.take(0);
      ports[1]?.forward(100);
      ports[0]?.lose();
      ports[0]?.mirror();
      line.released++;
      line.made += 3;
      line.mirrorsLost++;
      for (const [i, reason] of LOSS_REASONS.entries()) for (let n = 0; n <= i; n++) line.lose(reason);
      expect(ports.map((port) => port.counts())).toEqual([
        { read: 0, readBytes: 0, forwarded: 0, forwardedBytes: 0, lost: 1, mirrored: 1 },
        { read: 2, readBytes: 60, forwarded: 1, forwardedBytes: 100, lost: 0, mirrored: 0 },
      ]);
      expect([line.released, line.made, line.mirrorsLost]).toEqual([1, 3, 1]);
      expect(Object.values(line.losses)).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it('are seen by everyone who has the memory, and go on from what lies there', () => {
    const memory = tallyMemory(63);
    const [one, other] = [talliesIn(memory), talliesIn(structuredClone(memory))];
    expect(one.ports.length).toBe(63);
    one.ports[62]?.take(1500);
    other.ports[62]?.take(1500);
    one.line.made++;
    expect([one.ports[62]?.counts().readBytes, other.ports[62]?.read, other.line.made]).toEqual([3000, 2, 1]);
    expect(one.ports.slice(0, 62).every(({ read, forwarded }) => read + forwarded === 0)).toBe(true);
  });

  it('count beyond 32 bits', () => {
    const tally = new PortTally();
    tally.take(2 ** 40);
    tally.take(1);
    expect(tally.counts().readBytes).toBe(2 ** 40 + 1);
  });
});
