import { ETHERNET_BYTES, TCP_CHECKSUM, UDP_CHECKSUM } from './fields.ts';
import {
  COPY_PORT,
  LINK_ETHERNET,
  MALFORMED_VNET_HEADER,
  OFFLOAD_CSUM,
  OFFLOAD_TSO4,
  OFFLOAD_TSO6,
  OFFLOAD_TSO_ECN,
  OFFLOAD_USO4,
  OFFLOAD_USO6,
  PACKET_IPV4,
  PACKET_PARTIAL_CHECKSUM,
  PACKET_SUPER,
  PACKET_TRUNCATED,
  PACKET_UDP,
  REASON_BAD_OFFLOAD,
  REASON_BAD_PORT,
  REASON_NEEDS_SEGMENTATION,
  REASON_RUNT,
  REASON_WRONG_LINK,
  VNET_GSO_ECN,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
} from './layout.ts';
import { Descriptor, Port } from './records.ts';

/** UDP_MAX_SEGMENTS of the kernel (include/linux/udp.h); it was 64 before Linux 6.9, and no kernel hands over more than it takes. */
const UDP_SEGMENT_LIMIT = 128;

/**
 * Why `packet` cannot leave by port `number` (any number): a REASON_*, or 0 when it can. Stricter than the kernel, which
 * takes and then loses much that is wrong.
 */
export function refusal(packet: Descriptor, number: i32): i32 {
  if (<u32>number >= <u32>COPY_PORT || !Port.of(number).isUsed) return REASON_BAD_PORT;
  const port = Port.of(number);
  if (port.link != Port.of(packet.inPort).link) return REASON_WRONG_LINK;
  if (packet.length < <u32>(port.link == LINK_ETHERNET ? ETHERNET_BYTES : 1)) return REASON_RUNT;
  if (packet.malformed == MALFORMED_VNET_HEADER) return REASON_BAD_OFFLOAD;
  if (!isSuper(packet)) return 0;
  if (!isConsistent(packet)) return REASON_BAD_OFFLOAD;
  return takes(port, packet) ? 0 : REASON_NEEDS_SEGMENTATION;
}

/** Whether there is more than one segment in the packet; one segment with a GSO type is an ordinary packet. */
export function isSuper(packet: Descriptor): bool {
  return packet.has(PACKET_SUPER) && packet.payloadLength > packet.gsoSize;
}

function takes(port: Port, packet: Descriptor): bool {
  const offloads = offloadsOf(packet);
  const isTaken = port.header != 0 && ((<i32>port.offloads) & offloads) == offloads;
  return isTaken && !hasTooManySegments(packet);
}

/** The kernel looks at this for UDP only. */
function hasTooManySegments(packet: Descriptor): bool {
  return packet.has(PACKET_UDP) && <i32>packet.payloadLength > <i32>packet.gsoSize * UDP_SEGMENT_LIMIT;
}

/** The TUN_F_* that a port must have to take the super-packet. */
function offloadsOf(packet: Descriptor): i32 {
  const type = (<i32>packet.gsoType) & ~VNET_GSO_ECN;
  const ecn = packet.gsoType & VNET_GSO_ECN ? OFFLOAD_TSO_ECN : 0;
  if (type == VNET_GSO_TCPV4) return OFFLOAD_CSUM | OFFLOAD_TSO4 | ecn;
  if (type == VNET_GSO_TCPV6) return OFFLOAD_CSUM | OFFLOAD_TSO6 | ecn;
  return OFFLOAD_CSUM | (packet.has(PACKET_IPV4) ? OFFLOAD_USO4 : OFFLOAD_USO6);
}

/**
 * Whether all segments can be made: nothing is missing, and each gets a checksum of its own, the transport header's, left
 * to be completed. And the virtio header must be one that can be true.
 */
export function isConsistent(packet: Descriptor): bool {
  const field = packet.has(PACKET_UDP) ? UDP_CHECKSUM : TCP_CHECKSUM;
  if (packet.malformed == MALFORMED_VNET_HEADER || packet.has(PACKET_TRUNCATED)) return false;
  return packet.has(PACKET_PARTIAL_CHECKSUM) && packet.csumStart == packet.l4 && packet.csumOffset == <u16>field;
}
