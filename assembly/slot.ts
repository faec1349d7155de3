import { SEGMENT_PORT, VNET_BYTES } from './layout.ts';
import { Descriptor, Port } from './records.ts';

// The room that a packet has in its slot.

/** Address of the packet's slot. */
export function slotStart(packet: Descriptor): u32 {
  return poolOf(packet).slotAddress(packet.slot);
}

/** Lowest address at which the packet's frame may begin: a virtio header must fit before it. */
export function lowestFrame(packet: Descriptor): u32 {
  return slotStart(packet) + VNET_BYTES;
}

/** Address behind the slot's last byte. */
export function slotEnd(packet: Descriptor): u32 {
  return slotStart(packet) + poolOf(packet).stride;
}

/** The pool of the port by which the packet came in, or that of segments. */
function poolOf(packet: Descriptor): Port {
  const port = Port.of(packet.inPort);
  return port.owns(packet.slot) ? port : Port.of(SEGMENT_PORT);
}
