import { IPV4_BYTES } from '../fields.ts';
import {
  MALFORMED_VNET_HEADER,
  PACKET_FRAGMENT,
  PACKET_IPV4,
  PACKET_IPV6,
  PACKET_MALFORMED,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_SUPER,
  PACKET_TCP,
  PACKET_UDP,
  VNET_FLAG_NEEDS_CSUM,
  VNET_GSO_ECN,
  VNET_GSO_NONE,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
  VNET_GSO_UDP_L4,
} from '../layout.ts';
import { Descriptor } from '../records.ts';

/** The kernel's own mark for "segments of different sizes" (GSO_BY_FRAGS), which it takes from nobody. */
const GSO_SIZE_RESERVED = 0xffff;

/** Whether the virtio fields say anything. */
export function isOffloaded(packet: Descriptor): bool {
  return (packet.vnetFlags & VNET_FLAG_NEEDS_CSUM) != 0 || packet.gsoType != VNET_GSO_NONE;
}

/**
 * Reads the virtio fields against what was dissected. A header that cannot be true is named as what is malformed, even
 * if dissection stopped early for another reason: it is the one for which `route` drops the packet. Returns the packet's
 * flags.
 */
export function checkOffload(packet: Descriptor, flags: u32): u32 {
  const needsChecksum = (packet.vnetFlags & VNET_FLAG_NEEDS_CSUM) != 0;
  const hasChecksum = needsChecksum && isChecksumInside(packet);
  // The flag is a promise that the field lies in the frame, like every other flag.
  if (hasChecksum) flags |= PACKET_PARTIAL_CHECKSUM;
  if ((packet.gsoType & ~VNET_GSO_ECN) != VNET_GSO_NONE) flags |= PACKET_SUPER;
  if (needsChecksum == hasChecksum && isPossible(packet, flags)) return flags;
  packet.malformed = <u8>MALFORMED_VNET_HEADER;
  return flags | PACKET_MALFORMED;
}

/** Behind the smallest IP header there is, counted from the frame's start as the kernel does, and before the frame's end. */
function isChecksumInside(packet: Descriptor): bool {
  if (<i32>packet.csumStart < IPV4_BYTES) return false;
  return <u32>packet.csumStart + <u32>packet.csumOffset + 2 <= packet.length;
}

/** Whether the packet can be a super-packet of the type that the header says; true if it says none. */
function isPossible(packet: Descriptor, flags: u32): bool {
  const type = packet.gsoType;
  if (type == VNET_GSO_NONE) return true;
  if (packet.gsoSize == 0 || packet.gsoSize == GSO_SIZE_RESERVED) return false;
  if (flags & PACKET_FRAGMENT) return false;
  const plain = type & ~VNET_GSO_ECN;
  if (plain == VNET_GSO_TCPV4) return hasAll(flags, PACKET_IPV4 | PACKET_TCP);
  if (plain == VNET_GSO_TCPV6) return hasAll(flags, PACKET_IPV6 | PACKET_TCP);
  // Only TCP has a congestion bit to take care of.
  return type == VNET_GSO_UDP_L4 && hasAll(flags, PACKET_UDP);
}

function hasAll(flags: u32, wanted: u32): bool {
  return (flags & wanted) == wanted;
}
