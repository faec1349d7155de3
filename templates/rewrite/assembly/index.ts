import { Packet, Verdict } from 'tapline/assembly/filter';
import { config, counters } from './generated';

export function filter(packet: Packet): Verdict {
  const isIp = packet.isIpv4 || packet.isIpv6;
  if (isIp && packet.sourceIn(config.from) && packet.ttl != config.ttl) {
    packet.ttl = config.ttl; // the IPv4 checksum follows
    counters.rewritten++;
  }
  return Verdict.Continue;
}
