import { describe, expect, it } from 'vitest';
import { isCorpusMissing, readCorpus } from './support/corpus.ts';
import { oracle, records } from './support/oracle.ts';
import { type ReadCapture, type ReadPacket, readAll } from './support/readAll.ts';

/** How far into each file it is cut. */
const CUT_BYTES = 2048;
/** Copies of each file, each with some bits turned over. */
const FLIPPED_COPIES = 24;
const FLIPS = 3;

/** Compares without the cost of `toEqual`, which is asked half a million times and almost always says yes. */
function isSame(found: Pick<ReadCapture, 'packets' | 'failedAt'>, wanted: typeof found): boolean {
  return (
    found.failedAt === wanted.failedAt &&
    found.packets.length === wanted.packets.length &&
    found.packets.every((packet, i) => isSamePacket(packet, wanted.packets[i]))
  );
}

function isSamePacket(packet: ReadPacket, other: ReadPacket | undefined): boolean {
  return (
    packet.timeNs === other?.timeNs &&
    packet.wireLength === other.wireLength &&
    packet.interface === other.interface &&
    Buffer.compare(packet.data, other.data) === 0
  );
}

describe.skipIf(isCorpusMissing)('a damaged capture', () => {
  it('is read as the oracle reads it when it is whole', async () => {
    for (const { name, bytes } of readCorpus()) {
      const wanted = oracle(bytes);
      expect(wanted.failedAt, name).toBeUndefined();
      expect(isSame(await readAll(bytes, { windowBytes: 1024, chunk: 777 }), wanted), name).toBe(true);
    }
  });

  it('gives what lies before the cut, wherever it is cut, and names the record that was cut', async () => {
    let cuts = 0;
    for (const { name, bytes } of readCorpus()) {
      const all = records(bytes);
      for (let end = 0; end <= Math.min(bytes.length, CUT_BYTES); end++) {
        const whole = all.filter((record) => record.end <= end);
        const packets = whole.flatMap(({ packet }) => packet ?? []);
        const boundary = whole.at(-1)?.end ?? 0;
        const failedAt = end === boundary && end > 0 ? undefined : boundary;
        const found = await readAll(bytes.subarray(0, end), { windowBytes: 256 });
        if (!isSame(found, { packets, failedAt }))
          expect(found, `${name} cut at ${end}`).toEqual({ packets, failedAt });
        cuts++;
      }
    }
    expect(cuts).toBeGreaterThan(100_000);
  });

  it('gives what lies before the damage when bits are turned over, and names the record that is damaged', async () => {
    const random = generator(1);
    let damaged = 0;
    for (const { name, bytes } of readCorpus()) {
      for (let copy = 0; copy < FLIPPED_COPIES; copy++) {
        const flipped = bytes.slice(0, 2 * CUT_BYTES);
        for (let i = 0; i < FLIPS; i++) {
          const at = random(Math.min(flipped.length, i === 0 ? 256 : Infinity));
          flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
        }
        const wanted = oracle(flipped);
        if (wanted.failedAt !== undefined) damaged++;
        const found = await readAll(flipped, { windowBytes: 256 });
        if (!isSame(found, wanted)) expect(found, `${name}, copy ${copy}`).toEqual(wanted);
      }
    }
    expect(damaged).toBeGreaterThan(1000);
  });
});

/** A small random generator (mulberry32): the same flips each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
