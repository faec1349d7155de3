import { Packet, Verdict } from 'tapline/assembly/filter';
import { Reason, config, counters } from './generated';

const NEIGHBOR_DISCOVERY_FIRST = 133;
const NEIGHBOR_DISCOVERY_LAST = 137;

/** Hides how far packets have come. Neighbor discovery is left alone: RFC 4861 wants its hop limit to be 255. */
export function filter(packet: Packet): Verdict {
  if (!packet.isIpv4 && !packet.isIpv6) return Verdict.Continue;
  if (packet.isIpv6 && packet.isIcmpv6 && isNeighborDiscovery(packet.icmpType)) return Verdict.Continue;
  const ttl = packet.ttl;
  if (ttl < config.minimum) return packet.drop(Reason.expired);
  if (ttl == config.ttl) return Verdict.Continue;
  packet.ttl = config.ttl; // the IPv4 checksum follows
  counters.rewritten++;
  return Verdict.Continue;
}

function isNeighborDiscovery(type: i32): bool {
  return type >= NEIGHBOR_DISCOVERY_FIRST && type <= NEIGHBOR_DISCOVERY_LAST;
}
