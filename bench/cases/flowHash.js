// The hash of the flow of packets that are dissected already.

import { MIXED_KINDS, functionCase, microGroup, traffic, twinCase } from 'tapline/bench';
import * as L from '../../dist/assembly/layout.js';
import { fillArena } from '../../dist/src/bench/micro/filledArena.js';

const frames = (seed) => traffic({ seed, mix: MIXED_KINDS });

export const flowHash = microGroup({
  name: 'flow-hash',
  title: 'Flow hash of mixed packets',
  reference: 'C',
  notes: [
    'The core is called for each packet from JavaScript here, which is about 10 ns of its figure; `dissect` calls it from within.',
  ],
  cases: [
    twinCase('C', { program: 'flowHash', frames, answers: (all) => hashesOf(all)().map((hash) => hash >>> 0) }),
    functionCase('core', ({ seed }) => ({ packets: frames(seed).length, run: hashesOf(frames(seed)) })),
  ],
});

function hashesOf(all) {
  const { arena, count } = fillArena(all);
  const hashes = new Array(count).fill(0);
  return () => {
    for (let i = 0; i < count; i++) hashes[i] = arena.core.flowHash(L.DESCRIPTORS_OFFSET + i * L.DESCRIPTOR_BYTES);
    return hashes;
  };
}
