import { checkOffload, isOffloaded } from './dissect/offload.ts';
import { EthernetLayer } from './dissect/ethernet.ts';
import { NetworkLayer } from './dissect/network.ts';
import { RawLayer } from './dissect/raw.ts';
import { FlowHash } from './flow.ts';
import {
  DESCRIPTOR_ETHER_TYPE,
  DESCRIPTOR_L3,
  DESCRIPTOR_PROTOCOL,
  DESCRIPTOR_VLAN_COUNT,
  LINK_ETHERNET,
} from './layout.ts';
import { Descriptor } from './records.ts';

/**
 * Fills in the descriptor at `descriptor` of a frame on a `link` (LINK_*). Reads its frame, length and virtio fields and
 * writes all others except time, slot, port and wire length.
 *
 * The only place that checks lengths. Once a descriptor carries a layer's flag, every field of that layer lies within
 * the frame, until someone changes the frame's length. Not a byte outside the frame is read, whatever the bytes say.
 */
export function dissect(descriptor: usize, link: i32): void {
  Dissection.of(Descriptor.at(descriptor), link);
}

/**
 * The same, inlined into its caller as the layers are into it: a call costs more than a layer. Decorators can stand at
 * methods only, hence the classes.
 */
export class Dissection {
  @inline static of(packet: Descriptor, link: i32): void {
    clear(packet);
    const type = link == LINK_ETHERNET ? EthernetLayer.dissect(packet) : RawLayer.dissect(packet);
    let flags = packet.flags;
    if (type != 0) flags = NetworkLayer.dissect(packet, flags, packet.l3, type);
    if (isOffloaded(packet)) flags = checkOffload(packet, flags);
    packet.flags = flags;
    packet.flowHash = FlowHash.of(packet, flags);
  }
}

/** Zeroes what dissection may leave unset: everything from L3 to the virtio fields. */
function clear(packet: Descriptor): void {
  const descriptor = changetype<usize>(packet);
  v128.store(descriptor, i64x2.splat(0), DESCRIPTOR_L3);
  store<u32>(descriptor, 0, DESCRIPTOR_L3 + 16);
  store<u16>(descriptor, 0, DESCRIPTOR_L3 + 20);
}

if (
  DESCRIPTOR_ETHER_TYPE > DESCRIPTOR_L3 + 16 ||
  DESCRIPTOR_PROTOCOL != DESCRIPTOR_L3 + 18 ||
  DESCRIPTOR_VLAN_COUNT != DESCRIPTOR_L3 + 20
) {
  ERROR('clear() does not match layout.ts');
}
