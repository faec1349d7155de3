import type { Dissected, VirtioFields } from '../descriptor.ts';
import { put16 } from '../packets.ts';
import { checksum } from './checksum.ts';

/** Completes the partial checksum of a dissected `frame` in place. */
export function completeChecksum(frame: Uint8Array, found: Dissected, virtio: VirtioFields): void {
  const field = virtio.csumStart + virtio.csumOffset;
  const ipEnd = found.payload + found.payloadLength;
  const end = field + 2 <= ipEnd ? ipEnd : frame.length;
  const value = checksum(frame.slice(virtio.csumStart, end));
  put16(frame, field, value === 0 && virtio.csumOffset === 6 ? 0xffff : value);
}
