import { checkOffload } from './dissect/offload.ts';
import { dissectEthernet } from './dissect/ethernet.ts';
import { dissectRaw } from './dissect/raw.ts';
import { flowHash } from './flow.ts';
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
  const packet = Descriptor.at(descriptor);
  clear(descriptor);
  if (link == LINK_ETHERNET) dissectEthernet(packet);
  else dissectRaw(packet);
  checkOffload(packet);
  packet.flowHash = flowHash(packet);
}

/** Zeroes what dissection may leave unset: the flags, and everything from L3 to the virtio fields. */
function clear(descriptor: usize): void {
  Descriptor.at(descriptor).flags = 0;
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
