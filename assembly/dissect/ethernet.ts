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

export class EthernetLayer {
  /** The Ethernet header and its VLAN tags. Returns the EtherType of what they carry; 0: nothing that can be walked. */
  @inline static dissect(packet: Descriptor): i32 {
    const length = <i32>packet.length;
    if (length < ETHERNET_BYTES) {
      packet.flags = endEarly(packet, 0, MALFORMED_ETHERNET_SHORT, 0, length);
      return 0;
    }
    packet.flags = PACKET_ETHERNET;
    const type = Ethernet.at(packet.frame).type;
    return Vlan.isAnnouncedBy(type) ? dissectVlan(packet, type) : dissectTyped(packet, ETHERNET_BYTES, type);
  }
}

/** VLAN tags, at most VLAN_LIMIT of them; `type` announces the first. */
function dissectVlan(packet: Descriptor, type: i32): i32 {
  const length = <i32>packet.length;
  let offset = ETHERNET_BYTES;
  for (let count = 0; Vlan.isAnnouncedBy(type); count++, offset += VLAN_BYTES) {
    let malformed = 0;
    if (count == VLAN_LIMIT) malformed = MALFORMED_VLAN_LIMIT;
    else if (length - offset < VLAN_BYTES) malformed = MALFORMED_VLAN_SHORT;
    if (malformed) {
      place(packet, offset, type);
      packet.flags = endEarly(packet, packet.flags, malformed, offset, length);
      return 0;
    }
    const tag = Vlan.at(packet.byte(offset));
    if (count == 0) packet.vlanOuter = <u16>tag.tci;
    if (count == 1) packet.vlanInner = <u16>tag.tci;
    packet.vlanCount = <u8>(count + 1);
    packet.flags |= PACKET_VLAN;
    type = tag.type;
  }
  return dissectTyped(packet, offset, type);
}

/** What lies behind the last tag. IEEE 802.3 3.2.6: a "type" up to 1500 is the length of an LLC frame. */
function dissectTyped(packet: Descriptor, l3: i32, type: i32): i32 {
  if (type <= ETHERNET_LENGTH_LIMIT) {
    place(packet, l3, 0);
    endWith(packet, 0, l3, min(l3 + type, <i32>packet.length));
    return 0;
  }
  place(packet, l3, type);
  return type;
}

function place(packet: Descriptor, l3: i32, type: i32): void {
  packet.l3 = <u16>l3;
  packet.l4 = <u16>l3;
  packet.etherType = <u16>type;
}
