import { ETHERNET_BYTES, ETHERNET_LENGTH_LIMIT, VLAN_BYTES } from '../fields.ts';
import {
  MALFORMED_ETHERNET_SHORT,
  MALFORMED_VLAN_LIMIT,
  MALFORMED_VLAN_SHORT,
  PACKET_ETHERNET,
  PACKET_VLAN,
  VLAN_LIMIT,
} from '../layout.ts';
import { Descriptor } from '../records.ts';
import { Ethernet } from '../wire/ethernet.ts';
import { Vlan } from '../wire/vlan.ts';
import { endEarly, endWith } from './end.ts';
import { dissectNetwork } from './network.ts';

/** The Ethernet header, its VLAN tags, and what they carry. */
export function dissectEthernet(packet: Descriptor): void {
  const length = <i32>packet.length;
  if (length < ETHERNET_BYTES) return endEarly(packet, MALFORMED_ETHERNET_SHORT, 0, length);
  packet.flags = PACKET_ETHERNET;
  const type = Ethernet.at(packet.frame).type;
  if (Vlan.isAnnouncedBy(type)) dissectVlan(packet, type);
  else dissectTyped(packet, ETHERNET_BYTES, type);
}

/** VLAN tags, at most VLAN_LIMIT of them; `type` announces the first. */
function dissectVlan(packet: Descriptor, type: i32): void {
  const length = <i32>packet.length;
  let offset = ETHERNET_BYTES;
  for (let count = 0; Vlan.isAnnouncedBy(type); count++, offset += VLAN_BYTES) {
    let malformed = 0;
    if (count == VLAN_LIMIT) malformed = MALFORMED_VLAN_LIMIT;
    else if (length - offset < VLAN_BYTES) malformed = MALFORMED_VLAN_SHORT;
    if (malformed) {
      place(packet, offset, type);
      return endEarly(packet, malformed, offset, length);
    }
    const tag = Vlan.at(packet.byte(offset));
    if (count == 0) packet.vlanOuter = <u16>tag.tci;
    if (count == 1) packet.vlanInner = <u16>tag.tci;
    packet.vlanCount = <u8>(count + 1);
    packet.flags |= PACKET_VLAN;
    type = tag.type;
  }
  dissectTyped(packet, offset, type);
}

/** What lies behind the last tag. IEEE 802.3 3.2.6: a "type" up to 1500 is the length of an LLC frame. */
function dissectTyped(packet: Descriptor, l3: i32, type: i32): void {
  if (type > ETHERNET_LENGTH_LIMIT) {
    place(packet, l3, type);
    return dissectNetwork(packet, l3, type);
  }
  place(packet, l3, 0);
  endWith(packet, l3, min(l3 + type, <i32>packet.length));
}

function place(packet: Descriptor, l3: i32, type: i32): void {
  packet.l3 = <u16>l3;
  packet.l4 = <u16>l3;
  packet.etherType = <u16>type;
}
