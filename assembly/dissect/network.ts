import { ARP_BYTES, ARP_FIXED_BYTES, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../fields.ts';
import { MALFORMED_ARP_SHORT, PACKET_ARP } from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Arp } from '../wire/arp.ts';
import { endEarly, endWith } from './end.ts';
import { Ipv4Layer } from './ipv4.ts';
import { dissectIpv6 } from './ipv6.ts';

export class NetworkLayer {
  /**
   * The network header at `l3` that EtherType `type` announces. Other types are left alone: all is payload. Returns the
   * packet's flags.
   */
  @inline static dissect(packet: Descriptor, flags: u32, l3: i32, type: i32): u32 {
    if (type == ETHER_TYPE_IPV4) return Ipv4Layer.dissect(packet, flags, l3);
    if (type == ETHER_TYPE_IPV6) return dissectIpv6(packet, flags, l3);
    if (type == ETHER_TYPE_ARP) return dissectArp(packet, flags, l3);
    return endWith(packet, flags, l3, <i32>packet.length);
  }
}

/** ARP between other kinds of addresses than Ethernet's and IPv4's is left alone: its fields lie elsewhere. */
function dissectArp(packet: Descriptor, flags: u32, l3: i32): u32 {
  const length = <i32>packet.length;
  const room = length - l3;
  if (room < ARP_FIXED_BYTES) return endEarly(packet, flags, MALFORMED_ARP_SHORT, l3, length);
  if (!Arp.at(packet.byte(l3)).isIpv4) return endWith(packet, flags, l3, length);
  if (room < ARP_BYTES) return endEarly(packet, flags, MALFORMED_ARP_SHORT, l3, length);
  // What follows is Ethernet padding: ARP carries nothing.
  return endWith(packet, flags | PACKET_ARP, l3 + ARP_BYTES, l3 + ARP_BYTES);
}
