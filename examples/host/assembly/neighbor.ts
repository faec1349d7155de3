import { Packet, Verdict } from 'tapline/assembly/filter';
import { Reason, config, counters } from './generated';
import { ownMac } from './mac';

// Neighbor discovery, RFC 4861 4.3 and 4.4:
//
//   0  type, code, checksum
//   4  flags (advertisement)
//   8  target address
//  24  option: type, length in units of 8 bytes, link-layer address

const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Solicited, and to override what was known. */
const FLAGS = 0x60000000;
const SOURCE_LINK_LAYER = 0x0101;
const TARGET_LINK_LAYER = 0x0201;

export function isNeighborSolicitation(packet: Packet): bool {
  return packet.icmpType == SOLICITATION;
}

/** Who has our address? We. A solicitation without the asker's link-layer address is a check for duplicates. */
export function answerNeighbor(packet: Packet): Verdict {
  const message = packet.l4Offset;
  if (!isForUs(packet, message) || packet.u16be(message + 24) != SOURCE_LINK_LAYER) return packet.drop(Reason.notForUs);
  counters.neighbor++;
  const high = packet.u64be(message + 8);
  const low = packet.u64be(message + 16);
  packet.icmpType = ADVERTISEMENT;
  packet.setU32be(message + 4, FLAGS);
  packet.setU16be(message + 24, TARGET_LINK_LAYER);
  packet.setU16be(message + 26, <i32>(ownMac() >> 32));
  packet.setU32be(message + 28, <u32>ownMac());
  packet.destinationIpv6High = packet.sourceIpv6High;
  packet.destinationIpv6Low = packet.sourceIpv6Low;
  packet.sourceIpv6High = high;
  packet.sourceIpv6Low = low;
  packet.destinationMac = packet.sourceMac;
  packet.sourceMac = ownMac();
  return packet.reflect();
}

function isForUs(packet: Packet, message: i32): bool {
  const target = packet.address(message + 8, 16);
  return target != 0 && config.address6.holds(target);
}
