import {
  NO_PORT,
  OUTBOUND_OFFSET,
  RECORD_BYTES,
  REASON_NO_ROUTE,
  VERDICT_DROP,
  VERDICT_REDIRECT,
  VERDICT_REFLECT,
} from './layout.ts';
import { prepare } from './prepare.ts';
import { dropFor } from './reasons.ts';
import { Descriptor, Outcome, Port, Record } from './records.ts';
import { refusal } from './refusal.ts';

/** Writes one outbound record for each of the `count` admitted packets, in their order. Returns `count`. */
export function route(count: i32): i32 {
  for (let index = 0; index < count; index++) {
    const packet = Descriptor.of(index);
    const outcome = Outcome.of(index);
    const record = Record.at(OUTBOUND_OFFSET + index * RECORD_BYTES);
    if (outcome.verdict != VERDICT_DROP) send(packet, outcome, record);
    if (outcome.verdict == VERDICT_DROP) keep(packet, record);
  }
  return count;
}

/** Lets the packet go by the port that the verdict names, or drops it. */
function send(packet: Descriptor, outcome: Outcome, record: Record): void {
  const number = portOf(packet, outcome);
  // Only a route can be missing; a filter that redirects to NO_PORT names a bad port.
  const isMissing = number == NO_PORT && outcome.verdict != VERDICT_REDIRECT;
  const reason = isMissing ? REASON_NO_ROUTE : refusal(packet, number);
  if (reason) return dropFor(outcome, reason);
  const port = Port.of(number);
  prepare(packet, packet.frame, port);
  record.slot = packet.slot;
  record.port = number;
  record.length = packet.length + port.header;
  record.offset = packet.frame - port.header - Port.of(packet.inPort).slotAddress(packet.slot);
}

function portOf(packet: Descriptor, outcome: Outcome): i32 {
  if (outcome.verdict == VERDICT_REDIRECT) return outcome.outPort;
  if (outcome.verdict == VERDICT_REFLECT) return packet.inPort;
  return Port.of(packet.inPort).route;
}

/** The packet stays; its slot goes back to its pool. */
function keep(packet: Descriptor, record: Record): void {
  record.slot = packet.slot;
  record.port = NO_PORT;
  record.length = packet.length;
  record.offset = packet.frame - Port.of(packet.inPort).slotAddress(packet.slot);
}
