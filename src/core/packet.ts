import * as F from '../../assembly/fields.ts';
import * as L from '../../assembly/layout.ts';
import { addressBytes, formatIpv4, formatIpv6, formatMac, parseMac } from './address.ts';
import { type CopiedPacket, copyPacket } from './copiedPacket.ts';
import { PacketWindow } from './packetWindow.ts';
import type { Prefix } from './prefix.ts';

/**
 * A window on one packet of the batch. There is one view per filter, moved from packet to packet: it is only valid inside
 * the call that hands it out; `copy()` keeps a packet.
 *
 * Fields read from the descriptor and the frame in place; nothing is allocated, but for addresses as text. A field that
 * the packet does not have reads 0 (an empty string, false) and marks the packet short. Setting a field rewrites the
 * frame and keeps the checksums that cover it right (RFC 1624), partial ones of super-packets included; a checksum that
 * was wrong stays wrong. Numbers are taken modulo the field's width. Setting a field that the packet does not have does
 * nothing but mark it short.
 *
 * Header fields are where `dissect` found them, even after `push` and `pop` in the same call; offsets of `u8`, `u16`,
 * `u32` and `bytes` count from where the frame begins now.
 *
 * @template Reason names of the drop reasons that the filter declared
 */
export class Packet<Reason extends string = string> extends PacketWindow<Reason> {
  // ── Which headers there are ────────────────────────────────────────────────────────────────────────────────────────

  get isEthernet(): boolean {
    return this.has(L.PACKET_ETHERNET);
  }
  get isVlan(): boolean {
    return this.has(L.PACKET_VLAN);
  }
  get isArp(): boolean {
    return this.has(L.PACKET_ARP);
  }
  get isIpv4(): boolean {
    return this.has(L.PACKET_IPV4);
  }
  get isIpv6(): boolean {
    return this.has(L.PACKET_IPV6);
  }
  get isTcp(): boolean {
    return this.has(L.PACKET_TCP);
  }
  get isUdp(): boolean {
    return this.has(L.PACKET_UDP);
  }
  get isIcmp(): boolean {
    return this.has(L.PACKET_ICMP);
  }
  get isIcmpv6(): boolean {
    return this.has(L.PACKET_ICMPV6);
  }
  get isSctp(): boolean {
    return this.has(L.PACKET_SCTP);
  }
  get isFragment(): boolean {
    return this.has(L.PACKET_FRAGMENT);
  }
  get isTruncated(): boolean {
    return this.has(L.PACKET_TRUNCATED);
  }
  get isMalformed(): boolean {
    return this.has(L.PACKET_MALFORMED);
  }
  get isSuper(): boolean {
    return this.has(L.PACKET_SUPER);
  }

  /** Payload bytes of each segment of a super-packet; 0 for others. */
  get gsoSize(): number {
    return this.isSuper ? this.descriptor16(L.DESCRIPTOR_GSO_SIZE) : 0;
  }
  /** Packets that it becomes on the wire: of a super-packet its segments, else 1. */
  get segmentCount(): number {
    const size = this.gsoSize;
    if (size === 0) return 1;
    // A payload length that is as large as can be means "up to the frame's end".
    const toEnd = this.descriptor32(L.DESCRIPTOR_LENGTH) - this.payloadOffset;
    return Math.max(1, Math.ceil((this.payloadLength === 0xffff ? toEnd : this.payloadLength) / size));
  }

  // ── Link header ────────────────────────────────────────────────────────────────────────────────────────────────────

  get sourceMac(): string {
    return this.#mac(F.ETHERNET_SOURCE);
  }
  set sourceMac(text: string) {
    this.#setMac(F.ETHERNET_SOURCE, text);
  }
  get destinationMac(): string {
    return this.#mac(F.ETHERNET_DESTINATION);
  }
  set destinationMac(text: string) {
    this.#setMac(F.ETHERNET_DESTINATION, text);
  }
  /** Behind all VLAN tags; on TUN the one that belongs to the IP version; 0 for 802.3 frames. */
  get etherType(): number {
    return this.descriptor16(L.DESCRIPTOR_ETHER_TYPE);
  }
  get vlanCount(): number {
    return this.descriptor8(L.DESCRIPTOR_VLAN_COUNT);
  }
  get vlanId(): number {
    return this.#tag(0) & F.VLAN_ID_MASK;
  }
  set vlanId(id: number) {
    if (!this.need(L.PACKET_VLAN)) return;
    this.write16(F.ETHERNET_BYTES + F.VLAN_TCI, (this.#tag(0) & ~F.VLAN_ID_MASK) | (id & F.VLAN_ID_MASK));
  }
  get vlanPriority(): number {
    return this.#tag(0) >> F.VLAN_PRIORITY_SHIFT;
  }
  get innerVlanId(): number {
    return this.#tag(1) & F.VLAN_ID_MASK;
  }
  /** 1 request, 2 reply. */
  get arpOperation(): number {
    return this.need(L.PACKET_ARP) ? this.frame16(this.l3Offset + F.ARP_OPERATION) : 0;
  }

  // ── Network header ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** 4, 6, or 0 when there is no IP header. */
  get ipVersion(): number {
    return this.isIpv4 ? 4 : this.isIpv6 ? 6 : 0;
  }
  /** Time to live; hop limit of IPv6. */
  get ttl(): number {
    const offset = this.#ttlOffset();
    return offset < 0 ? 0 : this.frame8(offset);
  }
  set ttl(value: number) {
    const offset = this.#ttlOffset();
    if (offset >= 0) this.write8(offset, value);
  }
  get dscp(): number {
    return this.#trafficClass() >> 2;
  }
  set dscp(value: number) {
    if (this.need(L.PACKET_IP)) this.#setTrafficClass((value << 2) | (this.#trafficClass() & 3));
  }
  get ecn(): number {
    return this.#trafficClass() & 3;
  }
  set ecn(value: number) {
    if (this.need(L.PACKET_IP)) this.#setTrafficClass((this.#trafficClass() & 0xfc) | (value & 3));
  }
  get identification(): number {
    return this.need(L.PACKET_IPV4) ? this.frame16(this.l3Offset + F.IPV4_IDENTIFICATION) : 0;
  }
  /** Bytes; of IPv4. */
  get fragmentOffset(): number {
    if (!this.need(L.PACKET_IPV4)) return 0;
    return (this.frame16(this.l3Offset + F.IPV4_FRAGMENT) & F.IPV4_FRAGMENT_OFFSET_MASK) * 8;
  }
  /** Of IPv4. */
  get moreFragments(): boolean {
    if (!this.need(L.PACKET_IPV4)) return false;
    return (this.frame16(this.l3Offset + F.IPV4_FRAGMENT) & F.IPV4_MORE_FRAGMENTS_MASK) !== 0;
  }
  /** Behind all extension headers. */
  get protocol(): number {
    return this.need(L.PACKET_IP) ? this.descriptor8(L.DESCRIPTOR_PROTOCOL) : 0;
  }
  get sourceIpv4(): number {
    return this.need(L.PACKET_IPV4) ? this.frame32(this.l3Offset + F.IPV4_SOURCE) : 0;
  }
  set sourceIpv4(value: number) {
    if (this.need(L.PACKET_IPV4)) this.write32(this.l3Offset + F.IPV4_SOURCE, value);
  }
  get destinationIpv4(): number {
    return this.need(L.PACKET_IPV4) ? this.frame32(this.l3Offset + F.IPV4_DESTINATION) : 0;
  }
  set destinationIpv4(value: number) {
    if (this.need(L.PACKET_IPV4)) this.write32(this.l3Offset + F.IPV4_DESTINATION, value);
  }
  /** As text, which costs an allocation; `sourceIn` and `sourceIpv4` do not. */
  get sourceAddress(): string {
    return this.#address(this.#sourceOffset());
  }
  set sourceAddress(text: string) {
    this.#setAddress(this.#sourceOffset(), text);
  }
  get destinationAddress(): string {
    return this.#address(this.#destinationOffset());
  }
  set destinationAddress(text: string) {
    this.#setAddress(this.#destinationOffset(), text);
  }
  /** Whether the source address lies in a prefix; false for a packet without an address of that version. */
  sourceIn(prefix: Prefix): boolean {
    return this.#inPrefix(this.#sourceOffset(), prefix);
  }
  /** Whether the destination address lies in a prefix; false for a packet without an address of that version. */
  destinationIn(prefix: Prefix): boolean {
    return this.#inPrefix(this.#destinationOffset(), prefix);
  }

  // ── Transport header ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Of TCP, UDP and SCTP. */
  get sourcePort(): number {
    return this.need(L.PACKET_PORTS) ? this.frame16(this.l4Offset + F.TCP_SOURCE_PORT) : 0;
  }
  /** Of TCP and UDP; SCTP has a checksum over everything that only its ends can make. */
  set sourcePort(value: number) {
    if (this.need(L.PACKET_TCP | L.PACKET_UDP)) this.write16(this.l4Offset + F.TCP_SOURCE_PORT, value);
  }
  get destinationPort(): number {
    return this.need(L.PACKET_PORTS) ? this.frame16(this.l4Offset + F.TCP_DESTINATION_PORT) : 0;
  }
  set destinationPort(value: number) {
    if (this.need(L.PACKET_TCP | L.PACKET_UDP)) this.write16(this.l4Offset + F.TCP_DESTINATION_PORT, value);
  }
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get tcpFlags(): number {
    return this.need(L.PACKET_TCP) ? this.frame8(this.l4Offset + F.TCP_FLAGS) : 0;
  }
  set tcpFlags(value: number) {
    if (this.need(L.PACKET_TCP)) this.write8(this.l4Offset + F.TCP_FLAGS, value);
  }
  get sequence(): number {
    return this.need(L.PACKET_TCP) ? this.frame32(this.l4Offset + F.TCP_SEQUENCE) : 0;
  }
  set sequence(value: number) {
    if (this.need(L.PACKET_TCP)) this.write32(this.l4Offset + F.TCP_SEQUENCE, value);
  }
  get acknowledgement(): number {
    return this.need(L.PACKET_TCP) ? this.frame32(this.l4Offset + F.TCP_ACKNOWLEDGEMENT) : 0;
  }
  set acknowledgement(value: number) {
    if (this.need(L.PACKET_TCP)) this.write32(this.l4Offset + F.TCP_ACKNOWLEDGEMENT, value);
  }
  get window(): number {
    return this.need(L.PACKET_TCP) ? this.frame16(this.l4Offset + F.TCP_WINDOW) : 0;
  }
  set window(value: number) {
    if (this.need(L.PACKET_TCP)) this.write16(this.l4Offset + F.TCP_WINDOW, value);
  }
  /** Of ICMP and ICMPv6. */
  get icmpType(): number {
    return this.need(L.PACKET_ICMP | L.PACKET_ICMPV6) ? this.frame8(this.l4Offset + F.ICMP_TYPE) : 0;
  }
  set icmpType(value: number) {
    if (this.need(L.PACKET_ICMP | L.PACKET_ICMPV6)) this.write8(this.l4Offset + F.ICMP_TYPE, value);
  }
  get icmpCode(): number {
    return this.need(L.PACKET_ICMP | L.PACKET_ICMPV6) ? this.frame8(this.l4Offset + F.ICMP_CODE) : 0;
  }
  set icmpCode(value: number) {
    if (this.need(L.PACKET_ICMP | L.PACKET_ICMPV6)) this.write8(this.l4Offset + F.ICMP_CODE, value);
  }

  /** Keeps the packet: the bytes and what was dissected, as plain values. */
  copy(): CopiedPacket {
    // Reading every field marks a packet short that lacks one; that was not the filter's doing.
    return this.unmarked(() => copyPacket(this));
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  /** TCI of the VLAN tag at `depth`. */
  #tag(depth: number): number {
    if (depth >= this.vlanCount) return this.missing();
    return this.frame16(F.ETHERNET_BYTES + depth * F.VLAN_BYTES + F.VLAN_TCI);
  }

  #mac(offset: number): string {
    if (!this.need(L.PACKET_ETHERNET)) return '';
    return formatMac(this.frameBytes(offset, F.MAC_BYTES));
  }
  #setMac(offset: number, text: string): void {
    const bytes = parseMac(text);
    if (this.need(L.PACKET_ETHERNET)) this.writeBytes(offset, bytes);
  }

  #ttlOffset(): number {
    const flags = this.flags;
    if ((flags & L.PACKET_IPV4) !== 0) return this.l3Offset + F.IPV4_TTL;
    if ((flags & L.PACKET_IPV6) !== 0) return this.l3Offset + F.IPV6_HOP_LIMIT;
    this.missing();
    return -1;
  }
  /** IPv4 keeps it in a byte, IPv6 across two. */
  #trafficClass(): number {
    if (!this.need(L.PACKET_IP)) return 0;
    const l3 = this.l3Offset;
    return this.isIpv4 ? this.frame8(l3 + F.IPV4_TOS) : (this.frame16(l3) >> 4) & 0xff;
  }
  #setTrafficClass(value: number): void {
    const l3 = this.l3Offset;
    if (this.isIpv4) this.write8(l3 + F.IPV4_TOS, value);
    else this.write16(l3, (this.frame16(l3) & 0xf00f) | ((value & 0xff) << 4));
  }

  /** Offset of the source address; −1 when there is none. */
  #sourceOffset(): number {
    const flags = this.flags;
    if ((flags & L.PACKET_IPV4) !== 0) return this.l3Offset + F.IPV4_SOURCE;
    if ((flags & L.PACKET_IPV6) !== 0) return this.l3Offset + F.IPV6_SOURCE;
    return this.#arpOffset(F.ARP_SENDER_PROTOCOL);
  }
  #destinationOffset(): number {
    const flags = this.flags;
    if ((flags & L.PACKET_IPV4) !== 0) return this.l3Offset + F.IPV4_DESTINATION;
    if ((flags & L.PACKET_IPV6) !== 0) return this.l3Offset + F.IPV6_DESTINATION;
    return this.#arpOffset(F.ARP_TARGET_PROTOCOL);
  }
  /** ARP for IPv4 over Ethernet is the only one whose addresses have this shape. */
  #arpOffset(field: number): number {
    const l3 = this.l3Offset;
    const isIpv4 = this.has(L.PACKET_ARP) && this.frame16(l3 + F.ARP_PROTOCOL_TYPE) === F.ETHER_TYPE_IPV4;
    if (isIpv4 && this.frame16(l3 + F.ARP_HARDWARE_SIZE) === 0x0604) return l3 + field;
    this.missing();
    return -1;
  }
  #address(offset: number): string {
    if (offset < 0) return '';
    if (!this.isIpv6) return formatIpv4(this.frame32(offset));
    return formatIpv6([0, 4, 8, 12].map((word) => this.frame32(offset + word)));
  }
  #setAddress(offset: number, text: string): void {
    if (offset < 0) return;
    this.writeBytes(offset, addressBytes(text, this.isIpv6 ? 6 : 4));
  }
  #inPrefix(offset: number, { version, words, masks }: Prefix): boolean {
    if (offset < 0 || (version === 6) !== this.isIpv6) return false;
    for (let i = 0; i < words.length; i++) {
      if (((this.frame32(offset + 4 * i) & (masks[i] ?? 0)) ^ (words[i] ?? 0)) !== 0) return false;
    }
    return true;
  }
}
