import { completeIn } from '../complete.ts';
import { COPY_DESCRIPTOR_OFFSET, PACKET_PARTIAL_CHECKSUM } from '../layout.ts';
import { Descriptor } from '../records.ts';
import { isConsistent, isSuper } from '../refusal.ts';
import { segmentCount } from './count.ts';
import { cut } from './cut.ts';

// Copies of packets for readers that finish nothing themselves: no super-packets, and every checksum complete.

/**
 * How many finished packets packet `index` becomes: the segments of a super-packet, 1 where only the checksum is to be
 * completed. 0: it is finished as it lies, or cannot be.
 */
export function finishedCount(index: i32): i32 {
  const packet = Descriptor.of(index);
  if (isSuper(packet)) return isConsistent(packet) ? segmentCount(packet) : 0;
  return packet.has(PACKET_PARTIAL_CHECKSUM) ? 1 : 0;
}

/** Makes finished packet `number` of packet `index` at `frame`, where there is room for the whole packet. Returns its length. */
export function finishedCopy(index: i32, number: i32, frame: u32): i32 {
  const packet = Descriptor.of(index);
  if (!isSuper(packet)) {
    memory.copy(frame, packet.frame, packet.length);
    completeIn(packet, frame);
    return packet.length;
  }
  const segment = Descriptor.at(COPY_DESCRIPTOR_OFFSET);
  cut(packet, number, frame, segment);
  completeIn(segment, frame);
  return segment.length;
}
