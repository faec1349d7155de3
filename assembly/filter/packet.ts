import {
  ARP_HARDWARE_SIZE,
  ARP_OPERATION,
  ARP_PROTOCOL_TYPE,
  ARP_SENDER_PROTOCOL,
  ARP_TARGET_PROTOCOL,
  ETHERNET_BYTES,
  ETHERNET_DESTINATION,
  ETHERNET_SOURCE,
  ETHER_TYPE_IPV4,
  ICMP_CODE,
  ICMP_TYPE,
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_IDENTIFICATION,
  IPV4_MORE_FRAGMENTS_MASK,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TTL,
  IPV6_DESTINATION,
  IPV6_HOP_LIMIT,
  IPV6_SOURCE,
  MAC_BYTES,
  TCP_ACKNOWLEDGEMENT,
  TCP_DESTINATION_PORT,
  TCP_FLAGS,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TCP_WINDOW,
  VLAN_BYTES,
  VLAN_ID_MASK,
  VLAN_PRIORITY_SHIFT,
  VLAN_TCI,
} from '../fields.ts';
import {
  DESCRIPTOR_ETHER_TYPE,
  DESCRIPTOR_GSO_SIZE,
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_PROTOCOL,
  DESCRIPTOR_VLAN_COUNT,
  PACKET_ARP,
  PACKET_ETHERNET,
  PACKET_FRAGMENT,
  PACKET_ICMP,
  PACKET_ICMPV6,
  PACKET_IP,
  PACKET_IPV4,
  PACKET_IPV6,
  PACKET_MALFORMED,
  PACKET_PORTS,
  PACKET_SCTP,
  PACKET_SUPER,
  PACKET_TCP,
  PACKET_TRUNCATED,
  PACKET_UDP,
  PACKET_VLAN,
} from '../layout.ts';
import { PacketWindow } from './packetWindow.ts';
import { Payload } from './payload.ts';
import { Prefix } from './prefix.ts';

/**
 * One packet of the batch, with the names of the TypeScript view; addresses are numbers, since text would have to be
 * allocated. Setting a field rewrites the frame and keeps the checksums that cover it right (RFC 1624); a checksum that
 * was wrong stays wrong. A field that the packet does not have reads 0 and marks it short, set or read.
 *
 * Header fields are where they were dissected, even after `push` and `pop` in the same call; raw offsets count from where
 * the frame begins now.
 */
@unmanaged
export class Packet extends PacketWindow {
  // ── Which headers there are ────────────────────────────────────────────────────────────────────────────────────────

  get isEthernet(): bool {
    return this.has(PACKET_ETHERNET);
  }
  get isVlan(): bool {
    return this.has(PACKET_VLAN);
  }
  get isArp(): bool {
    return this.has(PACKET_ARP);
  }
  get isIpv4(): bool {
    return this.has(PACKET_IPV4);
  }
  get isIpv6(): bool {
    return this.has(PACKET_IPV6);
  }
  get isTcp(): bool {
    return this.has(PACKET_TCP);
  }
  get isUdp(): bool {
    return this.has(PACKET_UDP);
  }
  get isIcmp(): bool {
    return this.has(PACKET_ICMP);
  }
  get isIcmpv6(): bool {
    return this.has(PACKET_ICMPV6);
  }
  get isSctp(): bool {
    return this.has(PACKET_SCTP);
  }
  get isFragment(): bool {
    return this.has(PACKET_FRAGMENT);
  }
  get isTruncated(): bool {
    return this.has(PACKET_TRUNCATED);
  }
  get isMalformed(): bool {
    return this.has(PACKET_MALFORMED);
  }
  get isSuper(): bool {
    return this.has(PACKET_SUPER);
  }

  /** Payload bytes of each segment of a super-packet; 0 for others. */
  get gsoSize(): i32 {
    return this.isSuper ? <i32>load<u16>(changetype<usize>(this), DESCRIPTOR_GSO_SIZE) : 0;
  }

  /** Packets that it becomes on the wire: of a super-packet its segments, else 1. */
  get segmentCount(): i32 {
    const size = this.gsoSize;
    if (size == 0) return 1;
    // A payload length that is as large as can be means "up to the frame's end".
    const length = load<i32>(changetype<usize>(this), DESCRIPTOR_LENGTH);
    const bytes = this.payloadLength == 0xffff ? length - this.payloadOffset : this.payloadLength;
    return max(1, (bytes + size - 1) / size);
  }

  /** The bytes behind the innermost header. */
  get payload(): Payload {
    return changetype<Payload>(this);
  }

  // ── Link header ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** 48 bits: `0x020000000001` is 02:00:00:00:00:01. */
  get sourceMac(): u64 {
    return this.mac(ETHERNET_SOURCE);
  }
  set sourceMac(value: u64) {
    this.setMac(ETHERNET_SOURCE, value);
  }
  get destinationMac(): u64 {
    return this.mac(ETHERNET_DESTINATION);
  }
  set destinationMac(value: u64) {
    this.setMac(ETHERNET_DESTINATION, value);
  }
  /** Behind all VLAN tags; on TUN the one that belongs to the IP version; 0 for 802.3 frames. */
  get etherType(): i32 {
    return load<u16>(changetype<usize>(this), DESCRIPTOR_ETHER_TYPE);
  }
  get vlanCount(): i32 {
    return load<u8>(changetype<usize>(this), DESCRIPTOR_VLAN_COUNT);
  }
  get vlanId(): i32 {
    return this.tag(0) & VLAN_ID_MASK;
  }
  set vlanId(id: i32) {
    if (!this.need(PACKET_VLAN)) return;
    this.put16(ETHERNET_BYTES + VLAN_TCI, (this.tag(0) & ~VLAN_ID_MASK) | (id & VLAN_ID_MASK));
  }
  get vlanPriority(): i32 {
    return this.tag(0) >> VLAN_PRIORITY_SHIFT;
  }
  get innerVlanId(): i32 {
    return this.tag(1) & VLAN_ID_MASK;
  }
  /** 1 request, 2 reply. */
  get arpOperation(): i32 {
    return this.need(PACKET_ARP) ? this.frame16(this.l3Offset + ARP_OPERATION) : 0;
  }

  // ── Network header ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** 4, 6, or 0 when there is no IP header. */
  get ipVersion(): i32 {
    return this.isIpv4 ? 4 : this.isIpv6 ? 6 : 0;
  }
  /** Time to live; hop limit of IPv6. */
  get ttl(): i32 {
    return this.need(PACKET_IP) ? this.frame8(this.l3Offset + this.ttlField) : 0;
  }
  set ttl(value: i32) {
    if (this.need(PACKET_IP)) this.put(this.l3Offset + this.ttlField, 1, value);
  }
  get dscp(): i32 {
    return this.trafficClass >> 2;
  }
  set dscp(value: i32) {
    this.trafficClass = (value << 2) | (this.trafficClass & 3);
  }
  get ecn(): i32 {
    return this.trafficClass & 3;
  }
  set ecn(value: i32) {
    this.trafficClass = (this.trafficClass & 0xfc) | (value & 3);
  }
  get identification(): i32 {
    return this.need(PACKET_IPV4) ? this.frame16(this.l3Offset + IPV4_IDENTIFICATION) : 0;
  }
  /** Bytes; of IPv4. */
  get fragmentOffset(): i32 {
    if (!this.need(PACKET_IPV4)) return 0;
    return (this.frame16(this.l3Offset + IPV4_FRAGMENT) & IPV4_FRAGMENT_OFFSET_MASK) * 8;
  }
  /** Of IPv4. */
  get moreFragments(): bool {
    if (!this.need(PACKET_IPV4)) return false;
    return (this.frame16(this.l3Offset + IPV4_FRAGMENT) & IPV4_MORE_FRAGMENTS_MASK) != 0;
  }
  /** Behind all extension headers. */
  get protocol(): i32 {
    return this.need(PACKET_IP) ? <i32>load<u8>(changetype<usize>(this), DESCRIPTOR_PROTOCOL) : 0;
  }
  get sourceIpv4(): u32 {
    return this.need(PACKET_IPV4) ? this.frame32(this.l3Offset + IPV4_SOURCE) : 0;
  }
  set sourceIpv4(value: u32) {
    if (this.need(PACKET_IPV4)) this.put(this.l3Offset + IPV4_SOURCE, 4, bswap<u32>(value));
  }
  get destinationIpv4(): u32 {
    return this.need(PACKET_IPV4) ? this.frame32(this.l3Offset + IPV4_DESTINATION) : 0;
  }
  set destinationIpv4(value: u32) {
    if (this.need(PACKET_IPV4)) this.put(this.l3Offset + IPV4_DESTINATION, 4, bswap<u32>(value));
  }
  /** First 8 bytes of the IPv6 address, and the last ones. */
  get sourceIpv6High(): u64 {
    return this.ipv6Half(IPV6_SOURCE);
  }
  set sourceIpv6High(value: u64) {
    this.setIpv6Half(IPV6_SOURCE, value);
  }
  get sourceIpv6Low(): u64 {
    return this.ipv6Half(IPV6_SOURCE + 8);
  }
  set sourceIpv6Low(value: u64) {
    this.setIpv6Half(IPV6_SOURCE + 8, value);
  }
  get destinationIpv6High(): u64 {
    return this.ipv6Half(IPV6_DESTINATION);
  }
  set destinationIpv6High(value: u64) {
    this.setIpv6Half(IPV6_DESTINATION, value);
  }
  get destinationIpv6Low(): u64 {
    return this.ipv6Half(IPV6_DESTINATION + 8);
  }
  set destinationIpv6Low(value: u64) {
    this.setIpv6Half(IPV6_DESTINATION + 8, value);
  }
  /** Whether the source address lies in a prefix; false for a packet without an address of that version. */
  sourceIn(prefix: Prefix): bool {
    return this.isIn(prefix, this.sourceAddressField);
  }
  /** Whether the destination address lies in a prefix; false for a packet without an address of that version. */
  destinationIn(prefix: Prefix): bool {
    return this.isIn(prefix, this.destinationAddressField);
  }

  // ── Transport header ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Of TCP, UDP and SCTP. */
  get sourcePort(): i32 {
    return this.need(PACKET_PORTS) ? this.frame16(this.l4Offset + TCP_SOURCE_PORT) : 0;
  }
  /** Of TCP and UDP; SCTP has a checksum over everything that only its ends can make. */
  set sourcePort(value: i32) {
    if (this.need(PACKET_TCP | PACKET_UDP)) this.put16(this.l4Offset + TCP_SOURCE_PORT, value);
  }
  get destinationPort(): i32 {
    return this.need(PACKET_PORTS) ? this.frame16(this.l4Offset + TCP_DESTINATION_PORT) : 0;
  }
  set destinationPort(value: i32) {
    if (this.need(PACKET_TCP | PACKET_UDP)) this.put16(this.l4Offset + TCP_DESTINATION_PORT, value);
  }
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get tcpFlags(): i32 {
    return this.need(PACKET_TCP) ? this.frame8(this.l4Offset + TCP_FLAGS) : 0;
  }
  set tcpFlags(value: i32) {
    if (this.need(PACKET_TCP)) this.put(this.l4Offset + TCP_FLAGS, 1, value);
  }
  get sequence(): u32 {
    return this.need(PACKET_TCP) ? this.frame32(this.l4Offset + TCP_SEQUENCE) : 0;
  }
  set sequence(value: u32) {
    if (this.need(PACKET_TCP)) this.put(this.l4Offset + TCP_SEQUENCE, 4, bswap<u32>(value));
  }
  get acknowledgement(): u32 {
    return this.need(PACKET_TCP) ? this.frame32(this.l4Offset + TCP_ACKNOWLEDGEMENT) : 0;
  }
  set acknowledgement(value: u32) {
    if (this.need(PACKET_TCP)) this.put(this.l4Offset + TCP_ACKNOWLEDGEMENT, 4, bswap<u32>(value));
  }
  get window(): i32 {
    return this.need(PACKET_TCP) ? this.frame16(this.l4Offset + TCP_WINDOW) : 0;
  }
  set window(value: i32) {
    if (this.need(PACKET_TCP)) this.put16(this.l4Offset + TCP_WINDOW, value);
  }
  /** Of ICMP and ICMPv6. */
  get icmpType(): i32 {
    return this.need(PACKET_ICMP | PACKET_ICMPV6) ? this.frame8(this.l4Offset + ICMP_TYPE) : 0;
  }
  set icmpType(value: i32) {
    if (this.need(PACKET_ICMP | PACKET_ICMPV6)) this.put(this.l4Offset + ICMP_TYPE, 1, value);
  }
  get icmpCode(): i32 {
    return this.need(PACKET_ICMP | PACKET_ICMPV6) ? this.frame8(this.l4Offset + ICMP_CODE) : 0;
  }
  set icmpCode(value: i32) {
    if (this.need(PACKET_ICMP | PACKET_ICMPV6)) this.put(this.l4Offset + ICMP_CODE, 1, value);
  }

  // ── Answering: what a packet that is reflected needs ───────────────────────────────────────────────────────────────

  swapMacs(): void {
    const source = this.sourceMac;
    this.sourceMac = this.destinationMac;
    this.destinationMac = source;
  }
  /** Of IPv4 or IPv6. */
  swapAddresses(): void {
    if (this.isIpv6) return this.swapIpv6();
    const source = this.sourceIpv4;
    this.sourceIpv4 = this.destinationIpv4;
    this.destinationIpv4 = source;
  }
  /** Of TCP and UDP. */
  swapPorts(): void {
    const source = this.sourcePort;
    this.sourcePort = this.destinationPort;
    this.destinationPort = source;
  }

  // ── For the library: offsets of the addresses; −1 when there are none ──────────────────────────────────────────────

  get sourceAddressField(): i32 {
    if (this.isIpv4) return this.l3Offset + IPV4_SOURCE;
    if (this.isIpv6) return this.l3Offset + IPV6_SOURCE;
    return this.arpField(ARP_SENDER_PROTOCOL);
  }
  get destinationAddressField(): i32 {
    if (this.isIpv4) return this.l3Offset + IPV4_DESTINATION;
    if (this.isIpv6) return this.l3Offset + IPV6_DESTINATION;
    return this.arpField(ARP_TARGET_PROTOCOL);
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  private put16(offset: i32, value: i32): void {
    this.put(offset, 2, bswap<u16>(<u16>value));
  }

  /** TCI of the VLAN tag at `depth`. */
  private tag(depth: i32): i32 {
    if (depth >= this.vlanCount) return this.missing();
    return this.frame16(ETHERNET_BYTES + depth * VLAN_BYTES + VLAN_TCI);
  }

  private mac(offset: i32): u64 {
    if (!this.need(PACKET_ETHERNET)) return 0;
    return ((<u64>this.frame16(offset)) << 32) | this.frame32(offset + 2);
  }
  private setMac(offset: i32, value: u64): void {
    if (this.need(PACKET_ETHERNET)) this.put(offset, MAC_BYTES, bswap<u64>(value << 16));
  }

  private get ttlField(): i32 {
    return this.isIpv4 ? IPV4_TTL : IPV6_HOP_LIMIT;
  }

  /** IPv4 keeps it in a byte, IPv6 across two. */
  private get trafficClass(): i32 {
    if (!this.need(PACKET_IP)) return 0;
    return this.isIpv4 ? this.frame8(this.l3Offset + IPV4_TOS) : (this.frame16(this.l3Offset) >> 4) & 0xff;
  }
  private set trafficClass(value: i32) {
    if (!this.need(PACKET_IP)) return;
    const l3 = this.l3Offset;
    if (this.isIpv4) this.put(l3 + IPV4_TOS, 1, value);
    else this.put16(l3, (this.frame16(l3) & 0xf00f) | ((value & 0xff) << 4));
  }

  private ipv6Half(offset: i32): u64 {
    if (!this.need(PACKET_IPV6)) return 0;
    const address = this.field(this.l3Offset + offset, 8);
    return address ? bswap<u64>(load<u64>(address)) : 0;
  }
  private setIpv6Half(offset: i32, value: u64): void {
    if (this.need(PACKET_IPV6)) this.put(this.l3Offset + offset, 8, bswap<u64>(value));
  }
  private swapIpv6(): void {
    const high = this.sourceIpv6High;
    const low = this.sourceIpv6Low;
    this.sourceIpv6High = this.destinationIpv6High;
    this.sourceIpv6Low = this.destinationIpv6Low;
    this.destinationIpv6High = high;
    this.destinationIpv6Low = low;
  }

  /** ARP for IPv4 over Ethernet is the only one whose addresses have this shape. */
  private arpField(offset: i32): i32 {
    const l3 = this.l3Offset;
    const isIpv4 = this.isArp && this.frame16(l3 + ARP_PROTOCOL_TYPE) == ETHER_TYPE_IPV4;
    if (isIpv4 && this.frame16(l3 + ARP_HARDWARE_SIZE) == 0x0604) return l3 + offset;
    this.missing();
    return -1;
  }

  private isIn(prefix: Prefix, offset: i32): bool {
    if (offset < 0 || (prefix.version == 6) != this.isIpv6) return false;
    const address = this.field(offset, prefix.version == 4 ? 4 : 16);
    return address != 0 && prefix.holds(address);
  }
}
