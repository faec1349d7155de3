import { Packet, Verdict, now } from 'tapline/assembly/filter';
import { Reason, config, counters, state } from './generated';

/** A token bucket for each source address; whoever was silent longest is forgotten first. */
export function filter(packet: Packet): Verdict {
  if (!packet.isIpv4 && !packet.isIpv6) return Verdict.Continue;
  if (packet.sourceIn(config.free)) return Verdict.Continue;
  const source = state.sources.obtain(packet);
  if (source === null) return Verdict.Continue;
  if (source.bucket.take(now(), config.packetsPerSecond, config.burst)) {
    source.passed++;
    return Verdict.Continue;
  }
  source.dropped++;
  counters.limited++;
  return packet.drop(Reason.tooFast);
}
