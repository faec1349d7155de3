import { Packet, Verdict } from 'tapline/assembly/filter';
import { answerArp } from './arp';
import { answerNeighbor, isNeighborSolicitation } from './neighbor';
import { Reason, config, counters } from './generated';

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const ECHO_REQUEST_6 = 128;
const ECHO_REPLY_6 = 129;
const TTL = 64;

/** A whole host in one filter: it answers ARP, neighbor discovery and pings, and nothing else. */
export function filter(packet: Packet): Verdict {
  if (packet.isArp) return answerArp(packet);
  if (packet.isIpv6 && packet.isIcmpv6 && isNeighborSolicitation(packet)) return answerNeighbor(packet);
  const isOurs = packet.isIpv4
    ? packet.destinationIn(config.address)
    : packet.isIpv6 && packet.destinationIn(config.address6);
  if (!isOurs) return packet.drop(Reason.notForUs);
  const isPing = packet.isIcmp && packet.icmpType == ECHO_REQUEST;
  const isPing6 = packet.isIcmpv6 && packet.icmpType == ECHO_REQUEST_6;
  if (!isPing && !isPing6) return packet.drop(Reason.notAnswered);
  counters.echo++;
  packet.icmpType = isPing ? ECHO_REPLY : ECHO_REPLY_6;
  packet.ttl = TTL;
  packet.swapAddresses();
  packet.swapMacs();
  return packet.reflect();
}
