import { Packet, Verdict } from 'tapline/assembly/filter';
import { Reason, config, counters } from './generated';

const SYN = 0x02;
const ACK = 0x10;

/** Drops TCP to one port; a first packet of a connection is an attempt. */
export function filter(packet: Packet): Verdict {
  if (!packet.isTcp || packet.destinationPort != config.port) return Verdict.Continue;
  if (packet.sourceIn(config.trusted)) return Verdict.Continue;
  if ((packet.tcpFlags & (SYN | ACK)) == SYN) counters.attempts++;
  return packet.drop(Reason.telnet);
}
