import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Packet, type Queue, Verdict, queue } from '../../src/index.ts';
import { arpFrame, icmpFrame, tcpFrame, udpFrame } from '../../src/testing/index.ts';
import { drain, expectBalance, probe, settled, started } from './support/lines.ts';

/** A small random generator (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const valid = [
  udpFrame(),
  tcpFrame({ payload: 'x'.repeat(900) }),
  arpFrame(),
  icmpFrame(),
  udpFrame({ vlanId: 5, destinationAddress: 'fd00::2' }),
];

/** A frame that may be cut, or have bytes of chance in it. */
function randomFrame(random: (below: number) => number): Uint8Array {
  const frame = (valid[random(valid.length)] ?? new Uint8Array(60)).slice();
  if (random(5) === 0) return frame.slice(0, 1 + random(frame.length));
  if (random(5) === 0) for (let i = 0; i < 4; i++) frame[random(frame.length)] = random(256);
  return frame;
}

/** Whatever a filter may do, good and bad. */
function randomAct(packet: Packet<'one' | 'two'>, random: (below: number) => number): Verdict | undefined {
  switch (random(16)) {
    case 0:
      return packet.drop('one');
    case 1:
      return packet.drop();
    case 2:
      return packet.accept();
    case 3:
      return packet.reflect();
    case 4:
      return packet.redirect(random(3));
    case 5:
      return packet.redirect(random(300));
    case 6:
      packet.mirror(random(5));
      return undefined;
    case 7:
      packet.push(random(200));
      return undefined;
    case 8:
      packet.pop(random(100));
      return undefined;
    case 9:
      packet.ttl = random(256);
      packet.setU32(random(packet.length), random(1000));
      return undefined;
    case 10:
      throw new Error('by chance');
    case 11:
      return random(100) as Verdict;
    case 12:
      packet.mirror(random(3));
      return packet.drop('two');
    default:
      return undefined;
  }
}

async function scenario(seed: number): Promise<void> {
  const random = generator(seed);
  const queues: Queue[] = [queue(), queue(), queue({ link: 'ip' }), queue({ frameBytes: 200 })];
  const chaos = (name: string, onError: 'drop' | 'pass') => ({
    name,
    reasons: ['one', 'two'],
    onError,
    filter: (packet: Packet) => randomAct(packet, random),
  });
  const { filter, host } = probe();
  const [a, b, c, d] = queues;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return;
  await using run = await started({
    ports: { a, b, c, d },
    routes: { a: 'b', b: 'a', c: 'c', d: 'b' },
    filters: [filter, chaos('first', 'drop'), chaos('second', 'pass')],
  });
  let sent = 0;
  for (let step = 0; step < 300; step++) {
    for (let i = random(30); i >= 0; i--) {
      const target = queues[random(4)];
      const frame = randomFrame(random);
      const limit = target === d ? 200 : 1538;
      if (target?.trySend(frame.subarray(0, limit)) === true) sent++;
    }
    // Readers come and go.
    if (random(3) === 0) drain(...queues.filter(() => random(2) === 0));
    if (random(10) === 0) run.line.filters.replace('second', chaos('second', 'pass'));
    if (random(3) === 0) await nextRound();
    const now = run.line.summary();
    expectBalance(now);
    expect(run.line.settled).toBe(now.forwarded + now.dropped + now.lost);
  }
  const summary = await settled(run.line, sent, ...queues);
  expect(summary.filters[1]?.packets).toBeGreaterThan(0);
  expect([host().arena.freeCount, host().arena.slotCount]).toEqual([host().arena.slotCount, host().arena.slotCount]);
  const ended = await run.stop();
  expect(ended.held).toBe(0);
  expect(Object.keys(ended.reasons)).toEqual(
    expect.arrayContaining(['one', 'two', 'unspecified', 'filterError', 'badPort']),
  );
}

describe('the books of a line', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`balance, and every slot comes back, whatever filters and readers do (seed ${seed})`, async () => {
      await scenario(seed);
    });
  }
});
