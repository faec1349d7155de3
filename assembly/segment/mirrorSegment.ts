import {
  CONTROL_COPY_RECORD,
  CONTROL_OFFSET,
  COPY_DESCRIPTOR_OFFSET,
  RECORD_FLAG_COPY,
  SEGMENT_PORT,
} from '../layout.ts';
import { prepare } from '../prepare.ts';
import { Descriptor, Port, Record } from '../records.ts';
import { cut } from './cut.ts';

/**
 * Makes segment `number` of packet `index` in `slot` of the segments' pool, ready to leave by port `target`; its record
 * lies at CONTROL_COPY_RECORD. For a packet of which `mirror` said REASON_NEEDS_SEGMENTATION and `segments` how many.
 */
export function mirrorSegment(index: i32, number: i32, slot: u32, target: i32): void {
  const pool = Port.of(SEGMENT_PORT);
  const segment = Descriptor.at(COPY_DESCRIPTOR_OFFSET);
  cut(Descriptor.of(index), number, pool.slotAddress(slot) + pool.frameStart, segment);
  const port = Port.of(target);
  prepare(segment, segment.frame, port);
  const record = Record.at(CONTROL_OFFSET + CONTROL_COPY_RECORD);
  record.slot = slot;
  record.port = target | RECORD_FLAG_COPY;
  record.length = segment.length + port.header;
  record.offset = pool.frameStart - port.header;
}
