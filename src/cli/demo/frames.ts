/** Frames for the demo without devices: Ethernet, IPv4, and one of three protocols, with right checksums. */

/** From machine `from` to machine `to` of 10.77.0.0/24. */
export interface Ends {
  readonly from: number;
  readonly to: number;
}

/** From port to port. */
export interface Ports {
  readonly source: number;
  readonly destination: number;
}

/** `<linux/in.h>` */
const ICMP = 1;
const TCP = 6;
const UDP = 17;

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
/** Where the payload of each kind of frame begins, in bytes from the start of the frame. */
export const UDP_PAYLOAD = ETHERNET_BYTES + IPV4_BYTES + 8;
export const TCP_PAYLOAD = ETHERNET_BYTES + IPV4_BYTES + 20;

/** What a frame from below is: protocol number and, for TCP and UDP, the ports. */
export function kindOf(frame: Uint8Array): Ports & { readonly protocol: number } {
  const at = ETHERNET_BYTES + IPV4_BYTES;
  const port = (offset: number): number => ((frame[at + offset] ?? 0) << 8) | (frame[at + offset + 1] ?? 0);
  return { protocol: frame[ETHERNET_BYTES + 9] ?? 0, source: port(0), destination: port(2) };
}

/** RFC 792: type 8 asks, type 0 answers. */
export function icmpEcho(ends: Ends, type: 0 | 8, sequence: number): Uint8Array {
  const message = Buffer.alloc(64);
  message[0] = type;
  message.writeUInt16BE(sequence, 6);
  message.writeUInt16BE(checksum(message), 2);
  return ipv4Frame(ends, ICMP, message);
}

/** RFC 768. */
export function udp(ends: Ends, { source, destination }: Ports, payload: Uint8Array): Uint8Array {
  const datagram = Buffer.alloc(8 + payload.length);
  datagram.writeUInt16BE(source, 0);
  datagram.writeUInt16BE(destination, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.set(payload, 8);
  datagram.writeUInt16BE(transportChecksum(ends, UDP, datagram) || 0xffff, 6);
  return ipv4Frame(ends, UDP, datagram);
}

/** RFC 9293, without options. */
export function tcp(ends: Ends, ports: Ports, flags: number, sequence: number, payload: Uint8Array): Uint8Array {
  const segment = Buffer.alloc(20 + payload.length);
  segment.writeUInt16BE(ports.source, 0);
  segment.writeUInt16BE(ports.destination, 2);
  segment.writeUInt32BE(sequence, 4);
  segment[12] = 5 << 4;
  segment[13] = flags;
  segment.writeUInt16BE(65_535, 14);
  segment.set(payload, 20);
  segment.writeUInt16BE(transportChecksum(ends, TCP, segment), 16);
  return ipv4Frame(ends, TCP, segment);
}

/** Whether the transport checksum of a TCP frame from above is right, after whatever happened to it. */
export function isTcpIntact(ends: Ends, frame: Uint8Array): boolean {
  return transportChecksum(ends, TCP, frame.subarray(ETHERNET_BYTES + IPV4_BYTES)) === 0;
}

function ipv4Frame({ from, to }: Ends, protocol: number, content: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(ETHERNET_BYTES + IPV4_BYTES + content.length);
  frame.set(mac(to), 0);
  frame.set(mac(from), 6);
  frame.writeUInt16BE(0x0800, 12);
  const header = frame.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IPV4_BYTES);
  header[0] = 0x45;
  header.writeUInt16BE(IPV4_BYTES + content.length, 2);
  header[8] = 64;
  header[9] = protocol;
  header.set(address(from), 12);
  header.set(address(to), 16);
  header.writeUInt16BE(checksum(header), 10);
  frame.set(content, ETHERNET_BYTES + IPV4_BYTES);
  return frame;
}

function mac(machine: number): number[] {
  return [2, 0, 0, 0, 0, machine];
}

function address(machine: number): number[] {
  return [10, 77, 0, machine];
}

function transportChecksum({ from, to }: Ends, protocol: number, content: Uint8Array): number {
  const pseudoHeader = [...address(from), ...address(to), 0, protocol, content.length >> 8, content.length & 0xff];
  return checksum(content, pseudoHeader);
}

/** RFC 1071. */
function checksum(bytes: Uint8Array, before: readonly number[] = []): number {
  let sum = 0;
  for (let i = 0; i < before.length; i += 2) sum += ((before[i] ?? 0) << 8) | (before[i + 1] ?? 0);
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
