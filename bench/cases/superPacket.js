const [IP, TCP, HEADERS] = [14, 34, 54];
const GSO_TCP4 = 1;
const NEEDS_CSUM = 1;

/**
 * A TCP segment over IPv4 in an Ethernet frame as the kernel hands over a super-packet: its virtio_net_hdr (linux/virtio_net.h,
 * little-endian) before it, and in the checksum the sum of the pseudo-header alone.
 */
export function superTcp4(frame, gsoSize) {
  const received = new Uint8Array(12 + frame.length);
  const header = [NEEDS_CSUM, GSO_TCP4, HEADERS, 0, gsoSize & 255, gsoSize >> 8, TCP, 0, 16, 0, 0, 0];
  received.set(header);
  received.set(frame, header.length);
  new DataView(received.buffer).setUint16(header.length + TCP + 16, pseudoHeaderSum(frame));
  return received;
}

/** RFC 9293 3.1: addresses, protocol, length. */
function pseudoHeaderSum(frame) {
  const view = new DataView(frame.buffer, frame.byteOffset);
  let sum = 6 + frame.length - TCP;
  for (let at = IP + 12; at < TCP; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}
