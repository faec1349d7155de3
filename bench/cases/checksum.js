// The Internet checksum over whole frames.

import { functionCase, microGroup, traffic, twinCase } from 'tapline/bench';
import { fillArena } from '../../dist/src/bench/micro/filledArena.js';

export const checksums = [60, 1500].map((bytes) => {
  const frames = (seed) => traffic({ seed, sizes: bytes, count: 64 });
  return microGroup({
    name: `checksum-${bytes}`,
    title: `Checksum of ${bytes.toLocaleString('en')} bytes`,
    reference: 'C',
    cases: [
      twinCase('C', { program: 'checksum', frames, answers: (all) => checksumsOf(all)() }),
      functionCase('core', ({ seed }) => ({ packets: 64, run: checksumsOf(frames(seed)) })),
    ],
  });
});

function checksumsOf(frames) {
  const { arena, offset } = fillArena(frames);
  const places = frames.map((frame, slot) => [arena.address(slot) + offset, frame.length]);
  const sums = new Array(frames.length).fill(0);
  return () => {
    for (let i = 0; i < places.length; i++) sums[i] = arena.core.checksum(places[i][0], places[i][1]);
    return sums;
  };
}
