import {
  CONTROL_COPY_RECORD,
  CONTROL_OFFSET,
  COPY_PORT,
  RECORD_FLAG_COPY,
  REASON_BAD_PORT,
  REASON_BUILT_IN,
  REASON_TRUNCATED,
} from './layout.ts';
import { prepare } from './prepare.ts';
import { Descriptor, Port, Record } from './records.ts';
import { refusal } from './refusal.ts';

/**
 * Copies packet `index`, as its descriptor shows it, into the copy pool's `slot`, ready to leave by port `number`; its
 * record lies at CONTROL_COPY_RECORD. Returns 0, or REASON_BUILT_IN | REASON_* when no copy was made.
 */
export function mirror(index: i32, slot: u32, number: i32): i32 {
  const packet = Descriptor.of(index);
  const copies = Port.of(COPY_PORT);
  if (!copies.isUsed || !copies.owns(slot)) return REASON_BUILT_IN | REASON_BAD_PORT;
  const reason = refusal(packet, number);
  if (reason) return REASON_BUILT_IN | reason;
  if (copies.frameStart + packet.length > copies.stride) return REASON_BUILT_IN | REASON_TRUNCATED;
  const port = Port.of(number);
  const frame = copies.slotAddress(slot) + copies.frameStart;
  memory.copy(frame, packet.frame, packet.length);
  prepare(packet, frame, port);
  const record = Record.at(CONTROL_OFFSET + CONTROL_COPY_RECORD);
  record.slot = slot;
  record.port = number | RECORD_FLAG_COPY;
  record.length = packet.length + port.header;
  record.offset = copies.frameStart - port.header;
  return 0;
}
