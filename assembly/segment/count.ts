import { networkEnd } from '../cover.ts';
import { REASON_BAD_OFFLOAD, REASON_NEEDS_SEGMENTATION, SEGMENT_PORT } from '../layout.ts';
import { Descriptor, Port } from '../records.ts';
import { isConsistent, isSuper } from '../refusal.ts';

// What can be told of the segments of a super-packet before they are made.

/** Segments of the packet at `descriptor`; 0 when it is not a super-packet, or cannot be cut. */
export function segments(descriptor: usize): i32 {
  const packet = Descriptor.at(descriptor);
  return isSuper(packet) && cuttingRefusal(packet) == 0 ? segmentCount(packet) : 0;
}

/** Segments of a super-packet: 2 or more. */
export function segmentCount(packet: Descriptor): i32 {
  const size = <i32>packet.gsoSize;
  return (networkEnd(packet) - <i32>packet.payload + size - 1) / size;
}

/** Why the super-packet cannot be cut: a REASON_*, or 0 when it can. */
export function cuttingRefusal(packet: Descriptor): i32 {
  if (!isConsistent(packet)) return REASON_BAD_OFFLOAD;
  const pool = Port.of(SEGMENT_PORT);
  const longest = <u32>packet.payload + packet.gsoSize;
  const fits = pool.isUsed && pool.frameStart + longest <= pool.stride;
  return fits ? 0 : REASON_NEEDS_SEGMENTATION;
}
