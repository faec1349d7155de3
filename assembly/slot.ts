import { VNET_BYTES } from './layout.ts';
import { Descriptor, Port } from './records.ts';

// The room that a packet has in its slot.

/** Lowest address at which the packet's frame may begin: a virtio header must fit before it. */
export function lowestFrame(packet: Descriptor): u32 {
  return Port.of(packet.inPort).slotAddress(packet.slot) + VNET_BYTES;
}

/** Address behind the slot's last byte. */
export function slotEnd(packet: Descriptor): u32 {
  const port = Port.of(packet.inPort);
  return port.slotAddress(packet.slot) + port.stride;
}
