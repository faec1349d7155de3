import { complete, completeIn } from './complete.ts';
import { OFFLOAD_CSUM, PACKET_PARTIAL_CHECKSUM, VNET_BYTES, VNET_FLAG_NEEDS_CSUM } from './layout.ts';
import { Descriptor, Port } from './records.ts';
import { isSuper } from './refusal.ts';
import { Virtio } from './wire/virtio.ts';

/**
 * Makes the packet's bytes at `frame`, in place or a copy, ready to leave by `port`: completes the checksum if the port
 * will not, and writes a virtio header if it has one. Never forwards the header that the packet came with.
 */
export function prepare(packet: Descriptor, frame: u32, port: Port): void {
  const isPartial = packet.has(PACKET_PARTIAL_CHECKSUM);
  const isLeft = isPartial && port.header != 0 && (port.offloads & OFFLOAD_CSUM) != 0;
  if (isPartial && !isLeft) {
    if (frame == packet.frame) complete(changetype<usize>(packet));
    else completeIn(packet, frame);
  }
  if (port.header != 0) writeHeader(packet, frame, isLeft);
}

function writeHeader(packet: Descriptor, frame: u32, isPartial: bool): void {
  const header = Virtio.before(frame);
  clear(header);
  if (isPartial) {
    header.flags = <u8>VNET_FLAG_NEEDS_CSUM;
    header.csumStart = packet.csumStart;
    header.csumOffset = packet.csumOffset;
    // No less is what the kernel would make of it.
    header.hdrLen = <u16>min(<i32>packet.csumStart + <i32>packet.csumOffset + 2, 0xffff);
  }
  if (isSuper(packet)) {
    header.gsoType = packet.gsoType;
    header.gsoSize = packet.gsoSize;
    // All headers: what each segment begins with.
    header.hdrLen = packet.payload;
  }
}

function clear(header: Virtio): void {
  store<u64>(changetype<usize>(header), 0);
  store<u32>(changetype<usize>(header), 0, VNET_BYTES - 4);
}
