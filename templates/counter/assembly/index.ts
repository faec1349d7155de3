import { Packet, Verdict } from 'tapline/assembly/filter';
import { counters, state } from './generated';

export function filter(packet: Packet): Verdict {
  if (packet.isTcp) counters.tcp++;
  else if (packet.isUdp) counters.udp++;
  else if (packet.isIcmp || packet.isIcmpv6) counters.icmp++;
  else counters.other++;
  counters.bytes += packet.length;
  countSize(packet.length);
  return Verdict.Continue;
}

/** `sizes` counts by powers of two: the last place is for 2,048 bytes and more. */
function countSize(length: i32): void {
  const place = min(31 - clz(length | 1), state.sizes.length - 1);
  state.sizes.set(place, state.sizes.get(place) + 1);
}
