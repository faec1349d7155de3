import { dissect } from './dissect.ts';
import {
  ACTIVE_OFFSET,
  BATCH_COUNT,
  COPY_PORT,
  INBOUND_OFFSET,
  INDEX_BYTES,
  OUTCOMES_OFFSET,
  OUTCOME_BYTES,
  RECORD_BYTES,
  RECORD_FLAG_TRUNCATED,
  RECORD_PORT_MASK,
  REASON_BAD_OFFLOAD,
  REASON_TRUNCATED,
  VNET_BYTES,
} from './layout.ts';
import { dropFor } from './reasons.ts';
import { Control, Descriptor, Outcome, Port, Record } from './records.ts';
import { Virtio } from './wire/virtio.ts';

/**
 * Turns `count` inbound records into dissected descriptors with zeroed outcomes and lists those that filters shall see.
 * Returns how many these are, or −1−i when record i is none that an engine can have written.
 */
export function admit(count: i32): i32 {
  if (<u32>count > <u32>BATCH_COUNT) return -1 - BATCH_COUNT;
  Control.get().mirrors = 0;
  memory.fill(OUTCOMES_OFFSET, 0, count * OUTCOME_BYTES);
  let active = 0;
  for (let index = 0; index < count; index++) {
    const record = Record.at(INBOUND_OFFSET + index * RECORD_BYTES);
    if (!isValid(record)) return -1 - index;
    describe(record, index);
    if (!isRefused(record, index)) store<u16>(ACTIVE_OFFSET + active++ * INDEX_BYTES, <u16>index);
  }
  return active;
}

/** Records are untrusted until here: an engine's mistake must not make us read somebody else's bytes. */
function isValid(record: Record): bool {
  const number = <i32>(record.port & RECORD_PORT_MASK);
  if (number >= COPY_PORT) return false;
  const port = Port.of(number);
  if (!port.isUsed || !port.owns(record.slot)) return false;
  if (record.offset > port.stride || record.length > port.stride - record.offset) return false;
  // Whatever port the packet leaves by, a virtio header must fit before its frame.
  return record.offset + port.header >= <u32>VNET_BYTES;
}

function describe(record: Record, index: i32): void {
  const number = record.port & RECORD_PORT_MASK;
  const port = Port.of(number);
  const packet = Descriptor.of(index);
  const header = <u32>port.header;
  packet.frame = port.slotAddress(record.slot) + record.offset + header;
  packet.length = record.length < header ? 0 : record.length - header;
  packet.wireLength = packet.length;
  packet.time = Control.get().time;
  packet.slot = <u16>record.slot;
  packet.inPort = <u16>number;
  if (header != 0 && record.length >= header) takeVirtio(packet);
  else forgetVirtio(packet);
  dissect(changetype<usize>(packet), port.link);
}

function takeVirtio(packet: Descriptor): void {
  const header = Virtio.before(packet.frame);
  packet.vnetFlags = header.flags;
  packet.gsoType = header.gsoType;
  packet.hdrLen = header.hdrLen;
  packet.gsoSize = header.gsoSize;
  packet.csumStart = header.csumStart;
  packet.csumOffset = header.csumOffset;
}

function forgetVirtio(packet: Descriptor): void {
  packet.vnetFlags = 0;
  packet.gsoType = 0;
  packet.hdrLen = 0;
  packet.gsoSize = 0;
  packet.csumStart = 0;
  packet.csumOffset = 0;
}

/** Drops what is not whole: no filter shall judge a packet by half of it. */
function isRefused(record: Record, index: i32): bool {
  const isCut = (record.port & RECORD_FLAG_TRUNCATED) != 0;
  if (!isCut && record.length >= Port.of(record.port & RECORD_PORT_MASK).header) return false;
  dropFor(Outcome.of(index), isCut ? REASON_TRUNCATED : REASON_BAD_OFFLOAD);
  return true;
}
