// Dissection of a batch, flow hash included: short TCP packets, and everything that is met on a network.

import { MIXED_KINDS, MIXED_SIZES, functionCase, microGroup, traffic, twinCase } from 'tapline/bench';
import * as L from '../../dist/assembly/layout.js';
import { fillArena } from '../../dist/src/bench/micro/filledArena.js';

const short = (seed) => traffic({ seed });
const mixed = (seed) => traffic({ seed, sizes: MIXED_SIZES, mix: MIXED_KINDS, vlanShare: 0.1 });

export const dissect = microGroup({
  name: 'dissect',
  title: 'Dissect a TCP packet of 60 bytes',
  reference: 'C',
  cases: cases(short),
});

export const dissectMixed = microGroup({
  name: 'dissect-mixed',
  title: 'Dissect mixed packets: TCP, UDP, ICMP, ARP, IPv4 and IPv6, some tagged',
  reference: 'C',
  cases: cases(mixed),
});

function cases(frames) {
  return [
    twinCase('C', { program: 'dissect', frames, answers }),
    functionCase('core', ({ seed }) => {
      const { arena, count } = fillArena(frames(seed));
      return { packets: count, run: () => arena.core.admit(count) };
    }),
  ];
}

/** A digest of each descriptor: FNV-1a over flags, flow hash, and everything from L3 up to the virtio fields. */
function answers(frames) {
  const { arena } = fillArena(frames);
  const parts = [
    [L.DESCRIPTOR_FLAGS, 4],
    [L.DESCRIPTOR_FLOW_HASH, 4],
    [L.DESCRIPTOR_L3, L.DESCRIPTOR_VNET_FLAGS - L.DESCRIPTOR_L3],
  ];
  return frames.map((_, i) => {
    const descriptor = L.DESCRIPTORS_OFFSET + i * L.DESCRIPTOR_BYTES;
    const bytes = parts.flatMap(([offset, size]) => [
      ...arena.bytes.subarray(descriptor + offset, descriptor + offset + size),
    ]);
    return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 16777619) >>> 0, 2166136261);
  });
}
