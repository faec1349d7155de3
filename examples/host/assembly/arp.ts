import { Packet, Verdict } from 'tapline/assembly/filter';
import {
  ARP_OPERATION,
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SENDER_HARDWARE,
  ARP_TARGET_HARDWARE,
} from 'tapline/assembly/fields';
import { Reason, config, counters } from './generated';
import { ownMac } from './mac';

/** Who has our address? We: RFC 826. */
export function answerArp(packet: Packet): Verdict {
  if (packet.arpOperation != ARP_REQUEST || !packet.destinationIn(config.address)) return packet.drop(Reason.notForUs);
  counters.arp++;
  const arp = packet.l3Offset;
  const asker = packet.sourceMac;
  const sender = packet.u64be(arp + ARP_SENDER_HARDWARE);
  const senderEnd = packet.u16be(arp + ARP_SENDER_HARDWARE + 8);
  const target = packet.u32be(arp + ARP_TARGET_HARDWARE + 6);
  // Hardware address and protocol address stand side by side, the target's behind the sender's.
  packet.setU16be(arp + ARP_OPERATION, ARP_REPLY);
  packet.setU64be(arp + ARP_TARGET_HARDWARE, sender);
  packet.setU16be(arp + ARP_TARGET_HARDWARE + 8, senderEnd);
  packet.setU64be(arp + ARP_SENDER_HARDWARE, (ownMac() << 16) | (<u64>(target >> 16)));
  packet.setU16be(arp + ARP_SENDER_HARDWARE + 8, target & 0xffff);
  packet.destinationMac = asker;
  packet.sourceMac = ownMac();
  return packet.reflect();
}
