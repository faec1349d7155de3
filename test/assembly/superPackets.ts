import { get16, ipv4, ipv6, filler, ethernet, sealed, tcp, udp } from './packets.ts';
import type { VirtioFields } from './descriptor.ts';

// Super-packets as the kernel hands them over on TAP: partial checksum, GSO type, segment size.

const ends4 = { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2) };
const ends6 = { source: filler(16), destination: filler(16).reverse() };
const ports = { sourcePort: 1234, destinationPort: 80 };
const data = filler(300);

export const tcp4 = ethernet({ type: 0x0800 }, ipv4({ ...ends4, protocol: 6 }, sealed(tcp(ports, data), 6, ends4)));
export const tcp6 = ethernet({ type: 0x86dd }, ipv6({ ...ends6, nextHeader: 6 }, sealed(tcp(ports, data), 6, ends6)));
export const udp4 = ethernet({ type: 0x0800 }, ipv4({ ...ends4, protocol: 17 }, sealed(udp(ports, data), 17, ends4)));
export const udp6 = ethernet({ type: 0x86dd }, ipv6({ ...ends6, nextHeader: 17 }, sealed(udp(ports, data), 17, ends6)));

const base = { vnetFlags: 1, hdrLen: 0xeeee, gsoSize: 100 };
export const tso4: VirtioFields = { ...base, gsoType: 1, csumStart: 34, csumOffset: 16 };
export const tso6: VirtioFields = { ...base, gsoType: 4, csumStart: 54, csumOffset: 16 };
export const uso4: VirtioFields = { ...base, gsoType: 5, csumStart: 34, csumOffset: 6 };
export const uso6: VirtioFields = { ...base, gsoType: 5, csumStart: 54, csumOffset: 6 };

/** The checksum field of a frame with `virtio`. */
export function checksumOf(frame: Uint8Array, virtio: VirtioFields): number {
  return get16(frame, virtio.csumStart + virtio.csumOffset);
}
