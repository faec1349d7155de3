import * as layout from '../../assembly/layout.ts';
import { type Bench, POISON, copyOf, placeAtEnd } from './bench.ts';

/** What `dissect` is given beside the frame: the fields of the virtio header. */
export interface VirtioFields {
  vnetFlags: number;
  gsoType: number;
  hdrLen: number;
  gsoSize: number;
  csumStart: number;
  csumOffset: number;
}

/** What `dissect` finds out. */
export interface Dissected {
  flags: number;
  l3: number;
  l4: number;
  payload: number;
  payloadLength: number;
  etherType: number;
  vlanOuter: number;
  vlanInner: number;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  tcpFlags: number;
  vlanCount: number;
  malformed: number;
}

export const NO_VIRTIO: VirtioFields = {
  vnetFlags: 0,
  gsoType: 0,
  hdrLen: 0,
  gsoSize: 0,
  csumStart: 0,
  csumOffset: 0,
};

/** Where single descriptors and outcomes of a test lie. */
export const DESCRIPTOR = layout.DESCRIPTORS_OFFSET;
export const OUTCOME = layout.OUTCOMES_OFFSET;

/** Dissects `frame`, which lies flush against the end of memory, into a descriptor that was poisoned before. */
export function dissectFrame(
  bench: Bench,
  frame: Uint8Array,
  link: number,
  virtio: VirtioFields = NO_VIRTIO,
  poison = POISON,
): Dissected {
  const address = placeAtEnd(bench, frame, poison);
  bench.bytes.fill(poison, DESCRIPTOR, DESCRIPTOR + layout.DESCRIPTOR_BYTES);
  bench.view.setUint32(DESCRIPTOR + layout.DESCRIPTOR_FRAME, address, true);
  bench.view.setUint32(DESCRIPTOR + layout.DESCRIPTOR_LENGTH, frame.length, true);
  writeVirtio(bench, DESCRIPTOR, virtio);
  bench.core.dissect(DESCRIPTOR, link);
  return readDissected(bench, DESCRIPTOR);
}

/** Writes the virtio fields of the descriptor at `address`. */
export function writeVirtio({ view }: Bench, address: number, virtio: VirtioFields): void {
  view.setUint8(address + layout.DESCRIPTOR_VNET_FLAGS, virtio.vnetFlags);
  view.setUint8(address + layout.DESCRIPTOR_GSO_TYPE, virtio.gsoType);
  view.setUint16(address + layout.DESCRIPTOR_HDR_LEN, virtio.hdrLen, true);
  view.setUint16(address + layout.DESCRIPTOR_GSO_SIZE, virtio.gsoSize, true);
  view.setUint16(address + layout.DESCRIPTOR_CSUM_START, virtio.csumStart, true);
  view.setUint16(address + layout.DESCRIPTOR_CSUM_OFFSET, virtio.csumOffset, true);
}

/** Reads what was dissected from the descriptor at `address`. */
export function readDissected({ view }: Bench, address: number): Dissected {
  return {
    flags: view.getUint32(address + layout.DESCRIPTOR_FLAGS, true),
    l3: view.getUint16(address + layout.DESCRIPTOR_L3, true),
    l4: view.getUint16(address + layout.DESCRIPTOR_L4, true),
    payload: view.getUint16(address + layout.DESCRIPTOR_PAYLOAD, true),
    payloadLength: view.getUint16(address + layout.DESCRIPTOR_PAYLOAD_LENGTH, true),
    etherType: view.getUint16(address + layout.DESCRIPTOR_ETHER_TYPE, true),
    vlanOuter: view.getUint16(address + layout.DESCRIPTOR_VLAN_OUTER, true),
    vlanInner: view.getUint16(address + layout.DESCRIPTOR_VLAN_INNER, true),
    sourcePort: view.getUint16(address + layout.DESCRIPTOR_SOURCE_PORT, true),
    destinationPort: view.getUint16(address + layout.DESCRIPTOR_DESTINATION_PORT, true),
    protocol: view.getUint8(address + layout.DESCRIPTOR_PROTOCOL),
    tcpFlags: view.getUint8(address + layout.DESCRIPTOR_TCP_FLAGS),
    vlanCount: view.getUint8(address + layout.DESCRIPTOR_VLAN_COUNT),
    malformed: view.getUint8(address + layout.DESCRIPTOR_MALFORMED),
  };
}

/** Flow hash of the packet that was dissected last. */
export function flowHashOf({ view }: Bench, address = DESCRIPTOR): number {
  return view.getUint32(address + layout.DESCRIPTOR_FLOW_HASH, true);
}

/** The frame as the descriptor at `address` has it. */
export function frameOf(bench: Bench, address = DESCRIPTOR): Uint8Array {
  const start = bench.view.getUint32(address + layout.DESCRIPTOR_FRAME, true);
  return copyOf(bench, start, bench.view.getUint32(address + layout.DESCRIPTOR_LENGTH, true));
}
