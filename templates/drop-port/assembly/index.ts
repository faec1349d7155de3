import { Packet, Verdict } from 'tapline/assembly/filter';
import { Reason, config, counters } from './generated';

export function filter(packet: Packet): Verdict {
  if (!packet.isTcp && !packet.isUdp) return Verdict.Continue;
  counters.seen++;
  if (packet.destinationPort == config.port) return packet.drop(Reason.blocked);
  return Verdict.Continue;
}
