import { Packet, Verdict, now } from 'tapline/assembly/filter';
import { Reason, config, counters, state } from './generated';

export function filter(packet: Packet): Verdict {
  const isIp = packet.isIpv4 || packet.isIpv6;
  const source = isIp ? state.sources.obtain(packet) : null;
  if (source !== null && !source.bucket.take(now(), config.packetsPerSecond, config.burst)) {
    return packet.drop(Reason.tooFast);
  }
  counters.passed++;
  return Verdict.Continue;
}
