import { VERDICT_REDIRECT, VERDICT_REFLECT } from './layout.ts';
import { Descriptor, Outcome, Port } from './records.ts';

/** The port by which the packet is to leave, as its verdict names it; NO_PORT when no route leads from its own. */
export function portOf(packet: Descriptor, outcome: Outcome): i32 {
  if (outcome.verdict == VERDICT_REDIRECT) return outcome.outPort;
  if (outcome.verdict == VERDICT_REFLECT) return packet.inPort;
  return Port.of(packet.inPort).route;
}
