import * as layout from '../../../assembly/layout.ts';
import type { Dissected, VirtioFields } from '../descriptor.ts';
import { judgeVirtio } from './virtio.ts';

// A slow dissector, written from the RFCs. It cuts the frame into ever smaller pieces, so that reading past the end of
// anything throws, and it ends early by throwing `Stop`.

/** Thrown where dissection ends early. */
class Stop extends Error {
  readonly malformed: number;
  constructor(malformed: number) {
    super(`malformed ${malformed}`);
    this.malformed = malformed;
  }
}

/** How far the dissection has come. `rest` is what has not been dissected, `offset` where it lies in the frame. */
interface Walk {
  found: Dissected;
  rest: DataView;
  offset: number;
  /** Bytes that are missing from the end of `rest` according to IP. */
  missing: number;
  virtio: VirtioFields;
}

/** Dissects `frame`, which came over `link`. */
export function dissect(frame: Uint8Array, link: number, virtio: VirtioFields): Dissected {
  const walk = start(frame, virtio);
  try {
    if (link === layout.LINK_ETHERNET) ethernet(walk);
    else raw(walk);
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    walk.found.flags |= layout.PACKET_MALFORMED;
    walk.found.malformed = stop.malformed;
  }
  walk.found.payload = walk.offset;
  walk.found.payloadLength = Math.min(walk.rest.byteLength, 0xffff);
  judgeVirtio(walk.found, virtio, frame.length);
  return walk.found;
}

function start(frame: Uint8Array, virtio: VirtioFields): Walk {
  const found = {
    ...{ flags: 0, l3: 0, l4: 0, payload: 0, payloadLength: 0, etherType: 0, vlanOuter: 0, vlanInner: 0 },
    ...{ sourcePort: 0, destinationPort: 0, protocol: 0, tcpFlags: 0, vlanCount: 0, malformed: 0 },
  };
  const rest = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return { found, rest, offset: 0, missing: 0, virtio };
}

/** Takes the first `bytes` bytes off the rest. */
function take(walk: Walk, bytes: number): DataView {
  const { buffer, byteOffset, byteLength } = walk.rest;
  const head = new DataView(buffer, byteOffset, bytes);
  walk.rest = new DataView(buffer, byteOffset + bytes, byteLength - bytes);
  walk.offset += bytes;
  return head;
}

/** Leaves only the first `bytes` bytes of the rest; what is not there is missing. */
function keep(walk: Walk, bytes: number): void {
  const { buffer, byteOffset, byteLength } = walk.rest;
  walk.rest = new DataView(buffer, byteOffset, Math.min(bytes, byteLength));
  walk.missing = Math.max(bytes - byteLength, 0);
}

function need(walk: Walk, bytes: number, malformed: number): void {
  if (walk.rest.byteLength < bytes) throw new Stop(malformed);
}

function ethernet(walk: Walk): void {
  const { found } = walk;
  need(walk, 14, layout.MALFORMED_ETHERNET_SHORT);
  let type = take(walk, 14).getUint16(12);
  found.flags |= layout.PACKET_ETHERNET;
  const tags: number[] = [];
  const announce = (): void => {
    found.l3 = found.l4 = walk.offset;
    found.etherType = type;
  };
  announce();
  while ([0x8100, 0x88a8, 0x9100].includes(type)) {
    if (tags.length === 4) throw new Stop(layout.MALFORMED_VLAN_LIMIT);
    need(walk, 4, layout.MALFORMED_VLAN_SHORT);
    const tag = take(walk, 4);
    tags.push(tag.getUint16(0));
    type = tag.getUint16(2);
    announce();
    found.flags |= layout.PACKET_VLAN;
    found.vlanCount = tags.length;
    [found.vlanOuter = 0, found.vlanInner = 0] = tags;
  }
  if (type > 1500) {
    network(walk, type);
    return;
  }
  found.etherType = 0;
  keep(walk, type);
}

function raw(walk: Walk): void {
  need(walk, 1, layout.MALFORMED_IP_VERSION);
  const version = walk.rest.getUint8(0) >> 4;
  if (version !== 4 && version !== 6) throw new Stop(layout.MALFORMED_IP_VERSION);
  walk.found.etherType = version === 4 ? 0x0800 : 0x86dd;
  network(walk, walk.found.etherType);
}

function network(walk: Walk, type: number): void {
  if (type === 0x0800) ipv4(walk);
  if (type === 0x86dd) ipv6(walk);
  if (type === 0x0806) arp(walk);
}

/** RFC 826, for protocol addresses of IPv4 and hardware addresses of Ethernet. */
function arp(walk: Walk): void {
  need(walk, 8, layout.MALFORMED_ARP_SHORT);
  const { rest } = walk;
  if (rest.getUint16(2) !== 0x0800 || rest.getUint8(4) !== 6 || rest.getUint8(5) !== 4) return;
  need(walk, 28, layout.MALFORMED_ARP_SHORT);
  take(walk, 28);
  keep(walk, 0);
  walk.found.flags |= layout.PACKET_ARP;
}

/** RFC 791 3.1. */
function ipv4(walk: Walk): void {
  const { found } = walk;
  need(walk, 20, layout.MALFORMED_IPV4_SHORT);
  if (walk.rest.getUint8(0) >> 4 !== 4) throw new Stop(layout.MALFORMED_IP_VERSION);
  const headerBytes = (walk.rest.getUint8(0) % 16) * 4;
  if (headerBytes < 20) throw new Stop(layout.MALFORMED_IPV4_HEADER_LENGTH);
  need(walk, headerBytes, layout.MALFORMED_IPV4_HEADER_LENGTH);
  const header = take(walk, headerBytes);
  found.flags |= layout.PACKET_IPV4;
  if (headerBytes > 20) found.flags |= layout.PACKET_OPTIONS;
  found.l4 = walk.offset;
  found.protocol = header.getUint8(9);
  const fragment = header.getUint16(6);
  const isLater = fragment % 0x2000 > 0;
  if (isLater || fragment % 0x4000 >= 0x2000) found.flags |= layout.PACKET_FRAGMENT;
  if (isLater) found.flags |= layout.PACKET_LATER_FRAGMENT;
  const total = header.getUint16(2);
  if (total > 0 && total < headerBytes) {
    keep(walk, 0);
    throw new Stop(layout.MALFORMED_IPV4_TOTAL_LENGTH);
  }
  if (total > 0) keep(walk, total - headerBytes);
  if (walk.missing > 0) found.flags |= layout.PACKET_TRUNCATED;
  if (isLater) return;
  if (found.protocol === 51) authentication(walk);
  transport(walk);
}

/** RFC 8200 3. */
function ipv6(walk: Walk): void {
  const { found } = walk;
  need(walk, 40, layout.MALFORMED_IPV6_SHORT);
  if (walk.rest.getUint8(0) >> 4 !== 6) throw new Stop(layout.MALFORMED_IP_VERSION);
  const header = take(walk, 40);
  found.flags |= layout.PACKET_IPV6;
  found.l4 = walk.offset;
  found.protocol = header.getUint8(6);
  const length = header.getUint16(4);
  if (length > 0) keep(walk, length);
  if (walk.missing > 0) found.flags |= layout.PACKET_TRUNCATED;
  for (let count = 0; [0, 43, 44, 51, 60].includes(found.protocol); count++) {
    extension(walk, count === 8);
    if (found.flags & layout.PACKET_LATER_FRAGMENT) return;
  }
  transport(walk);
}

/** RFC 8200 4, RFC 4302: one extension header. */
function extension(walk: Walk, isOneTooMany: boolean): void {
  const { found } = walk;
  if (found.protocol === 51) {
    authentication(walk, isOneTooMany);
    return;
  }
  need(walk, 8, layout.MALFORMED_IPV6_EXTENSION_SHORT);
  const bytes = found.protocol === 44 ? 8 : 8 + walk.rest.getUint8(1) * 8;
  need(walk, bytes, layout.MALFORMED_IPV6_EXTENSION_SHORT);
  if (isOneTooMany) throw new Stop(layout.MALFORMED_IPV6_EXTENSION_LIMIT);
  const header = take(walk, bytes);
  if (found.protocol === 43 && header.getUint8(3) > 0) found.flags |= layout.PACKET_SEGMENTS_LEFT;
  if (found.protocol === 44) {
    const offset = header.getUint16(2) >> 3;
    if (offset > 0) found.flags |= layout.PACKET_LATER_FRAGMENT;
    if (offset > 0 || header.getUint16(2) % 2 === 1) found.flags |= layout.PACKET_FRAGMENT;
  }
  pass(walk, header);
}

function authentication(walk: Walk, isOneTooMany = false): void {
  need(walk, 12, layout.MALFORMED_AUTHENTICATION_SHORT);
  const bytes = (walk.rest.getUint8(1) + 2) * 4;
  if (bytes < 12) throw new Stop(layout.MALFORMED_AUTHENTICATION_SHORT);
  need(walk, bytes, layout.MALFORMED_AUTHENTICATION_SHORT);
  if (isOneTooMany) throw new Stop(layout.MALFORMED_IPV6_EXTENSION_LIMIT);
  pass(walk, take(walk, bytes));
}

function pass(walk: Walk, header: DataView): void {
  walk.found.flags |= layout.PACKET_OPTIONS;
  walk.found.l4 = walk.offset;
  walk.found.protocol = header.getUint8(0);
}

function transport(walk: Walk): void {
  const { found } = walk;
  const isVersion4 = (found.flags & layout.PACKET_IPV4) !== 0;
  if (found.protocol === 6) tcp(walk);
  if (found.protocol === 17) udp(walk);
  if (found.protocol === 1 && isVersion4) fixed(walk, 8, layout.PACKET_ICMP, layout.MALFORMED_ICMP_SHORT);
  if (found.protocol === 58 && !isVersion4) fixed(walk, 4, layout.PACKET_ICMPV6, layout.MALFORMED_ICMPV6_SHORT);
  if (found.protocol === 132) ports(walk, fixed(walk, 12, layout.PACKET_SCTP, layout.MALFORMED_SCTP_SHORT));
}

function fixed(walk: Walk, bytes: number, flag: number, malformed: number): DataView {
  need(walk, bytes, malformed);
  walk.found.flags |= flag;
  return take(walk, bytes);
}

function ports(walk: Walk, header: DataView): void {
  walk.found.sourcePort = header.getUint16(0);
  walk.found.destinationPort = header.getUint16(2);
}

/** RFC 9293 3.1. */
function tcp(walk: Walk): void {
  need(walk, 20, layout.MALFORMED_TCP_SHORT);
  const bytes = (walk.rest.getUint8(12) >> 4) * 4;
  if (bytes < 20) throw new Stop(layout.MALFORMED_TCP_DATA_OFFSET);
  const header = fixed(walk, bytes, layout.PACKET_TCP, layout.MALFORMED_TCP_DATA_OFFSET);
  ports(walk, header);
  walk.found.tcpFlags = header.getUint8(13);
}

/** RFC 768; RFC 2675 4 for the length 0. */
function udp(walk: Walk): void {
  need(walk, 8, layout.MALFORMED_UDP_SHORT);
  const length = walk.rest.getUint16(4);
  const announced = walk.rest.byteLength + walk.missing;
  const isFragment = (walk.found.flags & layout.PACKET_FRAGMENT) !== 0;
  const isRight =
    length === 0
      ? announced > 0xffff || walk.virtio.gsoType !== layout.VNET_GSO_NONE
      : length >= 8 && (isFragment || length <= announced);
  if (!isRight) throw new Stop(layout.MALFORMED_UDP_LENGTH);
  ports(walk, fixed(walk, 8, layout.PACKET_UDP, layout.MALFORMED_UDP_SHORT));
}
