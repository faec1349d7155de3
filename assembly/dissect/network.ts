import { ARP_BYTES, ARP_FIXED_BYTES, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../fields.ts';
import { MALFORMED_ARP_SHORT, PACKET_ARP } from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Arp } from '../wire/arp.ts';
import { endEarly, endWith } from './end.ts';
import { dissectIpv4 } from './ipv4.ts';
import { dissectIpv6 } from './ipv6.ts';

/** The network header at `l3` that EtherType `type` announces. Other types are left alone: all is payload. */
export function dissectNetwork(packet: Descriptor, l3: i32, type: i32): void {
  if (type == ETHER_TYPE_IPV4) dissectIpv4(packet, l3);
  else if (type == ETHER_TYPE_IPV6) dissectIpv6(packet, l3);
  else if (type == ETHER_TYPE_ARP) dissectArp(packet, l3);
  else endWith(packet, l3, <i32>packet.length);
}

/** ARP between other kinds of addresses than Ethernet's and IPv4's is left alone: its fields lie elsewhere. */
function dissectArp(packet: Descriptor, l3: i32): void {
  const length = <i32>packet.length;
  const room = length - l3;
  if (room < ARP_FIXED_BYTES) return endEarly(packet, MALFORMED_ARP_SHORT, l3, length);
  if (!Arp.at(packet.byte(l3)).isIpv4) return endWith(packet, l3, length);
  if (room < ARP_BYTES) return endEarly(packet, MALFORMED_ARP_SHORT, l3, length);
  packet.flags |= PACKET_ARP;
  // What follows is Ethernet padding: ARP carries nothing.
  endWith(packet, l3 + ARP_BYTES, l3 + ARP_BYTES);
}
