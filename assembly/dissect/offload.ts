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

/**
 * Reads the virtio fields against what was dissected. A header that cannot be true is named as what is malformed, even
 * if dissection stopped early for another reason: it is the one for which `route` drops the packet.
 */
export function checkOffload(packet: Descriptor): void {
  const needsChecksum = (packet.vnetFlags & VNET_FLAG_NEEDS_CSUM) != 0;
  if (!needsChecksum && packet.gsoType == VNET_GSO_NONE) return;
  const hasChecksum = needsChecksum && isChecksumInside(packet);
  // The flag is a promise that the field lies in the frame, like every other flag.
  if (hasChecksum) packet.flags |= PACKET_PARTIAL_CHECKSUM;
  if ((packet.gsoType & ~VNET_GSO_ECN) != VNET_GSO_NONE) packet.flags |= PACKET_SUPER;
  if (needsChecksum == hasChecksum && isPossible(packet)) return;
  packet.flags |= PACKET_MALFORMED;
  packet.malformed = <u8>MALFORMED_VNET_HEADER;
}

/** Behind the smallest IP header there is, counted from the frame's start as the kernel does, and before the frame's end. */
function isChecksumInside(packet: Descriptor): bool {
  if (<i32>packet.csumStart < IPV4_BYTES) return false;
  return <u32>packet.csumStart + <u32>packet.csumOffset + 2 <= packet.length;
}

/** Whether the packet can be a super-packet of the type that the header says; true if it says none. */
function isPossible(packet: Descriptor): bool {
  const type = packet.gsoType;
  if (type == VNET_GSO_NONE) return true;
  if (packet.gsoSize == 0 || packet.gsoSize == GSO_SIZE_RESERVED) return false;
  if (packet.has(PACKET_FRAGMENT)) return false;
  const plain = type & ~VNET_GSO_ECN;
  if (plain == VNET_GSO_TCPV4) return packet.has(PACKET_IPV4) && packet.has(PACKET_TCP);
  if (plain == VNET_GSO_TCPV6) return packet.has(PACKET_IPV6) && packet.has(PACKET_TCP);
  // Only TCP has a congestion bit to take care of.
  return type == VNET_GSO_UDP_L4 && packet.has(PACKET_UDP);
}
