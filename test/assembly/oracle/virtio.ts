import * as layout from '../../../assembly/layout.ts';
import type { Dissected, VirtioFields } from '../descriptor.ts';

/** What each GSO type must be found to be. */
const LAYERS = new Map([
  [layout.VNET_GSO_TCPV4, layout.PACKET_IPV4 | layout.PACKET_TCP],
  [layout.VNET_GSO_TCPV6, layout.PACKET_IPV6 | layout.PACKET_TCP],
  [layout.VNET_GSO_TCPV4 | layout.VNET_GSO_ECN, layout.PACKET_IPV4 | layout.PACKET_TCP],
  [layout.VNET_GSO_TCPV6 | layout.VNET_GSO_ECN, layout.PACKET_IPV6 | layout.PACKET_TCP],
  [layout.VNET_GSO_UDP_L4, layout.PACKET_UDP],
]);

/** Holds the virtio fields against a dissected packet of `length` bytes. */
export function judgeVirtio(found: Dissected, virtio: VirtioFields, length: number): void {
  const faults: boolean[] = [];
  if (virtio.vnetFlags & layout.VNET_FLAG_NEEDS_CSUM) {
    const isInside = virtio.csumStart >= 20 && virtio.csumStart + virtio.csumOffset + 2 <= length;
    faults.push(!isInside);
    if (isInside) found.flags |= layout.PACKET_PARTIAL_CHECKSUM;
  }
  if (virtio.gsoType !== layout.VNET_GSO_NONE) {
    const layers = LAYERS.get(virtio.gsoType);
    faults.push(layers === undefined || (found.flags & layers) !== layers);
    faults.push(virtio.gsoSize === 0 || virtio.gsoSize === 0xffff);
    faults.push((found.flags & layout.PACKET_FRAGMENT) !== 0);
    if (virtio.gsoType !== layout.VNET_GSO_ECN) found.flags |= layout.PACKET_SUPER;
  }
  if (!faults.includes(true)) return;
  found.flags |= layout.PACKET_MALFORMED;
  found.malformed = layout.MALFORMED_VNET_HEADER;
}
