import {
  NO_PORT,
  OUTBOUND_OFFSET,
  RECORD_BYTES,
  REASON_NEEDS_SEGMENTATION,
  REASON_NO_ROUTE,
  VERDICT_DROP,
  VERDICT_REDIRECT,
} from './layout.ts';
import { portOf } from './portOf.ts';
import { prepare } from './prepare.ts';
import { dropFor } from './reasons.ts';
import { Aside, Descriptor, Outcome, Port, Record } from './records.ts';
import { refusal } from './refusal.ts';
import { cuttingRefusal } from './segment/count.ts';
import { slotStart } from './slot.ts';

/**
 * Writes one outbound record for each of the `count` admitted packets, in their order. Returns `count`, or how many it
 * wrote before a super-packet that must be cut first.
 */
export function route(count: i32): i32 {
  for (let index = 0; index < count; index++) {
    const packet = Descriptor.of(index);
    const outcome = Outcome.of(index);
    const record = Record.at(OUTBOUND_OFFSET + index * RECORD_BYTES);
    if (outcome.verdict != VERDICT_DROP && !send(packet, outcome, record)) return index;
    if (outcome.verdict == VERDICT_DROP) keep(packet, record);
  }
  return count;
}

/** Lets the packet go by the port that the verdict names, or drops it. Returns false when it must be cut before. */
function send(packet: Descriptor, outcome: Outcome, record: Record): bool {
  const number = portOf(packet, outcome);
  // Only a route can be missing; a filter that redirects to NO_PORT names a bad port.
  const isMissing = number == NO_PORT && outcome.verdict != VERDICT_REDIRECT;
  const reason = isMissing ? REASON_NO_ROUTE : refusal(packet, number);
  if (reason) return refuse(packet, outcome, reason);
  const port = Port.of(number);
  prepare(packet, packet.frame, port);
  record.slot = packet.slot;
  record.port = number;
  record.length = packet.length + port.header;
  record.offset = packet.frame - port.header - slotStart(packet);
  return true;
}

/** While packets are set aside no others can be: only a filter that lengthens a packet can make that necessary. */
function refuse(packet: Descriptor, outcome: Outcome, reason: i32): bool {
  const canBeCut = reason == REASON_NEEDS_SEGMENTATION && cuttingRefusal(packet) == 0;
  if (canBeCut && !Aside.get().isPending) return false;
  dropFor(outcome, reason);
  return true;
}

/** The packet stays; its slot goes back to its pool. */
function keep(packet: Descriptor, record: Record): void {
  record.slot = packet.slot;
  record.port = NO_PORT;
  record.length = packet.length;
  record.offset = packet.frame - slotStart(packet);
}
