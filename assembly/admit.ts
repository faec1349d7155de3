import { Dissection } from './dissect.ts';
import {
  ACTIVE_OFFSET,
  BATCH_COUNT,
  COPY_PORT,
  DESCRIPTOR_HDR_LEN,
  DESCRIPTOR_VNET_FLAGS,
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
    const number = <i32>(record.port & RECORD_PORT_MASK);
    const port = Port.of(number);
    if (number >= COPY_PORT || !isInside(record, port)) return -1 - index;
    const packet = Descriptor.of(index);
    const isWhole = describe(packet, record, number, port);
    Dissection.of(packet, port.link);
    // What is not whole is dropped: no filter shall judge a packet by half of it.
    if (record.port & RECORD_FLAG_TRUNCATED) dropFor(Outcome.of(index), REASON_TRUNCATED);
    else if (!isWhole) dropFor(Outcome.of(index), REASON_BAD_OFFLOAD);
    else store<u16>(ACTIVE_OFFSET + active++ * INDEX_BYTES, <u16>index);
  }
  return active;
}

/** Records are untrusted until here: an engine's mistake must not make us read somebody else's bytes. */
function isInside(record: Record, port: Port): bool {
  // A port that is not in use owns no slots.
  if (!port.owns(record.slot)) return false;
  const offset = record.offset;
  if (<u64>offset + record.length > <u64>port.stride) return false;
  // Whatever port the packet leaves by, a virtio header must fit before its frame.
  return offset + port.header >= <u32>VNET_BYTES;
}

/** Says where the frame lies. Returns false where it is shorter than its virtio header. */
function describe(packet: Descriptor, record: Record, number: i32, port: Port): bool {
  const header = <i32>port.header;
  const bytes = <i32>record.length - header;
  const length = max(bytes, 0);
  packet.frame = port.slotAddress(record.slot) + record.offset + header;
  packet.length = length;
  packet.wireLength = length;
  packet.time = Control.get().time;
  packet.slot = <u16>record.slot;
  packet.inPort = <u16>number;
  if (header != 0 && bytes >= 0) takeVirtio(packet);
  else forgetVirtio(packet);
  return bytes >= 0;
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

/** All virtio fields at once: they stand at the end of the descriptor. */
function forgetVirtio(packet: Descriptor): void {
  store<u16>(changetype<usize>(packet), 0, DESCRIPTOR_VNET_FLAGS);
  store<u64>(changetype<usize>(packet), 0, DESCRIPTOR_HDR_LEN);
}
