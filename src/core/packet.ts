import * as F from '../../assembly/fields.ts';
import * as L from '../../assembly/layout.ts';
import { addressWords, formatIpv4, formatIpv6, formatMac, parseMac } from './address.ts';
import type { Arena } from './arena.ts';
import { type CopiedPacket, copyPacket } from './copiedPacket.ts';
import type { Prefix } from './prefix.ts';
import { Verdict } from './verdict.ts';

/** What a packet view must know of the line and of the filter that uses it. */
export interface PacketScope {
  readonly arena: Arena;
  /** Number of a declared reason as OUTCOME_REASON has it; undefined when it was not declared. */
  reasonNumber(name: string): number | undefined;
  /** Number of a port by name; undefined when the line has no such port. */
  portNumber(name: string): number | undefined;
  portName(number: number): string;
}

/**
 * A window on one packet of the batch. There is one view per filter, moved from packet to packet: it is only valid inside
 * the call that hands it out; `copy()` keeps a packet.
 *
 * Fields read from the descriptor and the frame in place; nothing is allocated, but for addresses as text. A field that
 * the packet does not have reads 0 (an empty string, false) and marks the packet short. Setting a field rewrites the
 * frame and keeps the checksums that cover it right (RFC 1624), partial ones of super-packets included; a checksum that
 * was wrong stays wrong. Numbers are taken modulo the field's width. Setting a field that the packet does not have does nothing
 * but mark it short.
 *
 * Header fields are where `dissect` found them, even after `push` and `pop` in the same call; offsets of `u8`, `u16`,
 * `u32` and `bytes` count from where the frame begins now.
 *
 * @template Reason names of the drop reasons that the filter declared
 */
export class Packet<Reason extends string = string> {
  readonly #scope: PacketScope;
  readonly #arena: Arena;
  readonly #view: DataView;
  /** Address of the descriptor. */
  #d: number = L.DESCRIPTORS_OFFSET;
  /** Address of the outcome. */
  #o: number = L.OUTCOMES_OFFSET;

  constructor(scope: PacketScope) {
    this.#scope = scope;
    this.#arena = scope.arena;
    this.#view = scope.arena.view;
  }

  /** Moves the view to packet `index` of the batch. For the loop around the filter. */
  at(index: number): void {
    this.#d = L.DESCRIPTORS_OFFSET + index * L.DESCRIPTOR_BYTES;
    this.#o = L.OUTCOMES_OFFSET + index * L.OUTCOME_BYTES;
  }

  // ── Verdicts: they decide at once, whether or not the filter returns them ──────────────────────────────────────────

  /** Forward, without asking the filters behind. */
  accept(): Verdict {
    return this.#decide(L.VERDICT_ACCEPT);
  }

  /** Drops the packet. @throws {TypeError} when the reason was not declared */
  drop(reason?: Reason): Verdict {
    let number = 0;
    if (reason !== undefined) {
      const declared = this.#scope.reasonNumber(reason);
      if (declared === undefined) throw new TypeError(`Cannot drop: reason '${reason}' is not declared by the filter`);
      number = declared;
    }
    this.#view.setUint16(this.#o + L.OUTCOME_REASON, number, true);
    return this.#decide(L.VERDICT_DROP);
  }

  /** Sends the packet back out of the port it came in by. */
  reflect(): Verdict {
    return this.#decide(L.VERDICT_REFLECT);
  }

  /** Sends the packet out of another port, by name or by the number of a config value of type `port`. */
  redirect(port: string | number): Verdict {
    this.#view.setUint8(this.#o + L.OUTCOME_OUT_PORT, this.#portOf(port));
    return this.#decide(L.VERDICT_REDIRECT);
  }

  /** Also sends a copy, as the packet is when this filter returns, out of a port. */
  mirror(port: string | number): void {
    this.#view.setUint8(this.#o + L.OUTCOME_MIRROR_PORT, this.#portOf(port));
    this.#flag(L.OUTCOME_FLAG_MIRROR);
  }

  /** Takes what a filter returned. For the loop around the filter. @throws {TypeError} when it is no verdict */
  decide(verdict: unknown): void {
    const isVerdict = typeof verdict === 'number' && verdict >= L.VERDICT_CONTINUE && verdict <= L.VERDICT_REFLECT;
    if (isVerdict) this.#decide(verdict as Verdict);
    else if (verdict !== L.VERDICT_REDIRECT || this.verdict !== L.VERDICT_REDIRECT) throw notAVerdict(verdict);
  }

  /** Records that the filter failed. For the loop around the filter. */
  abort(): void {
    this.#view.setUint8(this.#o + L.OUTCOME_VERDICT, L.VERDICT_ABORT);
  }

  /** What was decided so far. */
  get verdict(): Verdict {
    return this.#view.getUint8(this.#o + L.OUTCOME_VERDICT) as Verdict;
  }

  /** A number for filters behind this one; 0 at the start. */
  get mark(): number {
    return this.#view.getUint32(this.#o + L.OUTCOME_MARK, true);
  }
  set mark(value: number) {
    this.#view.setUint32(this.#o + L.OUTCOME_MARK, value, true);
  }

  // ── The packet as a whole ──────────────────────────────────────────────────────────────────────────────────────────

  /** Bytes of the frame as it is now. */
  get length(): number {
    return this.#descriptor32(L.DESCRIPTOR_LENGTH) - this.#startShift();
  }
  /** Bytes of the frame on the wire, as it came in. */
  get wireLength(): number {
    return this.#descriptor32(L.DESCRIPTOR_WIRE_LENGTH);
  }
  /** PACKET_* flags: which headers there are. */
  get flags(): number {
    return this.#descriptor32(L.DESCRIPTOR_FLAGS);
  }
  /** Hash of the flow, the same in both directions. */
  get flowHash(): number {
    return this.#descriptor32(L.DESCRIPTOR_FLOW_HASH);
  }
  /** Capture time in nanoseconds since 1970. A BigInt: not for every packet of a fast line. */
  get time(): bigint {
    return this.#view.getBigUint64(this.#d + L.DESCRIPTOR_TIME, true);
  }
  /** Name of the port by which the packet came in. */
  get inPort(): string {
    return this.#scope.portName(this.inPortNumber);
  }
  /** Its number, for comparing with a config value of type `port`. */
  get inPortNumber(): number {
    return this.#descriptor16(L.DESCRIPTOR_IN_PORT);
  }
  get l3Offset(): number {
    return this.#descriptor16(L.DESCRIPTOR_L3);
  }
  get l4Offset(): number {
    return this.#descriptor16(L.DESCRIPTOR_L4);
  }
  get payloadOffset(): number {
    return this.#descriptor16(L.DESCRIPTOR_PAYLOAD);
  }
  /** Bytes of payload, Ethernet padding left out. */
  get payloadLength(): number {
    return this.#descriptor16(L.DESCRIPTOR_PAYLOAD_LENGTH);
  }
  /** Payload bytes of each segment of a super-packet; 0 for others. */
  get gsoSize(): number {
    return this.isSuper ? this.#descriptor16(L.DESCRIPTOR_GSO_SIZE) : 0;
  }
  /** MALFORMED_*: why dissection stopped early; 0 when it did not. */
  get malformed(): number {
    return this.#view.getUint8(this.#d + L.DESCRIPTOR_MALFORMED);
  }

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

  /** Whether the packet carries any of these PACKET_* flags. */
  has(flags: number): boolean {
    return (this.flags & flags) !== 0;
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
    return this.#descriptor16(L.DESCRIPTOR_ETHER_TYPE);
  }
  get vlanCount(): number {
    return this.#view.getUint8(this.#d + L.DESCRIPTOR_VLAN_COUNT);
  }
  get vlanId(): number {
    return this.#tag(0) & F.VLAN_ID_MASK;
  }
  set vlanId(id: number) {
    if (!this.#need(L.PACKET_VLAN)) return;
    this.#write16(F.ETHERNET_BYTES + F.VLAN_TCI, (this.#tag(0) & ~F.VLAN_ID_MASK) | (id & F.VLAN_ID_MASK));
  }
  get vlanPriority(): number {
    return this.#tag(0) >> F.VLAN_PRIORITY_SHIFT;
  }
  get innerVlanId(): number {
    return this.#tag(1) & F.VLAN_ID_MASK;
  }
  /** 1 request, 2 reply. */
  get arpOperation(): number {
    return this.#need(L.PACKET_ARP) ? this.#frame16(this.l3Offset + F.ARP_OPERATION) : 0;
  }

  // ── Network header ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** 4, 6, or 0 when there is no IP header. */
  get ipVersion(): number {
    return this.isIpv4 ? 4 : this.isIpv6 ? 6 : 0;
  }
  /** Time to live; hop limit of IPv6. */
  get ttl(): number {
    const offset = this.#ttlOffset();
    return offset < 0 ? 0 : this.#frame8(offset);
  }
  set ttl(value: number) {
    const offset = this.#ttlOffset();
    if (offset >= 0) this.#write8(offset, value);
  }
  get dscp(): number {
    return this.#trafficClass() >> 2;
  }
  set dscp(value: number) {
    if (this.#need(L.PACKET_IP)) this.#setTrafficClass((value << 2) | (this.#trafficClass() & 3));
  }
  get ecn(): number {
    return this.#trafficClass() & 3;
  }
  set ecn(value: number) {
    if (this.#need(L.PACKET_IP)) this.#setTrafficClass((this.#trafficClass() & 0xfc) | (value & 3));
  }
  get identification(): number {
    return this.#need(L.PACKET_IPV4) ? this.#frame16(this.l3Offset + F.IPV4_IDENTIFICATION) : 0;
  }
  /** Bytes; of IPv4. */
  get fragmentOffset(): number {
    if (!this.#need(L.PACKET_IPV4)) return 0;
    return (this.#frame16(this.l3Offset + F.IPV4_FRAGMENT) & F.IPV4_FRAGMENT_OFFSET_MASK) * 8;
  }
  /** Of IPv4. */
  get moreFragments(): boolean {
    if (!this.#need(L.PACKET_IPV4)) return false;
    return (this.#frame16(this.l3Offset + F.IPV4_FRAGMENT) & F.IPV4_MORE_FRAGMENTS_MASK) !== 0;
  }
  /** Behind all extension headers. */
  get protocol(): number {
    return this.#need(L.PACKET_IP) ? this.#view.getUint8(this.#d + L.DESCRIPTOR_PROTOCOL) : 0;
  }
  get sourceIpv4(): number {
    return this.#need(L.PACKET_IPV4) ? this.#frame32(this.l3Offset + F.IPV4_SOURCE) : 0;
  }
  set sourceIpv4(value: number) {
    if (this.#need(L.PACKET_IPV4)) this.#write32(this.l3Offset + F.IPV4_SOURCE, value);
  }
  get destinationIpv4(): number {
    return this.#need(L.PACKET_IPV4) ? this.#frame32(this.l3Offset + F.IPV4_DESTINATION) : 0;
  }
  set destinationIpv4(value: number) {
    if (this.#need(L.PACKET_IPV4)) this.#write32(this.l3Offset + F.IPV4_DESTINATION, value);
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
    return this.#need(L.PACKET_PORTS) ? this.#frame16(this.l4Offset + F.TCP_SOURCE_PORT) : 0;
  }
  /** Of TCP and UDP; SCTP has a checksum over everything that only its ends can make. */
  set sourcePort(value: number) {
    if (this.#need(L.PACKET_TCP | L.PACKET_UDP)) this.#write16(this.l4Offset + F.TCP_SOURCE_PORT, value);
  }
  get destinationPort(): number {
    return this.#need(L.PACKET_PORTS) ? this.#frame16(this.l4Offset + F.TCP_DESTINATION_PORT) : 0;
  }
  set destinationPort(value: number) {
    if (this.#need(L.PACKET_TCP | L.PACKET_UDP)) this.#write16(this.l4Offset + F.TCP_DESTINATION_PORT, value);
  }
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get tcpFlags(): number {
    return this.#need(L.PACKET_TCP) ? this.#frame8(this.l4Offset + F.TCP_FLAGS) : 0;
  }
  set tcpFlags(value: number) {
    if (this.#need(L.PACKET_TCP)) this.#write8(this.l4Offset + F.TCP_FLAGS, value);
  }
  get sequence(): number {
    return this.#need(L.PACKET_TCP) ? this.#frame32(this.l4Offset + F.TCP_SEQUENCE) : 0;
  }
  set sequence(value: number) {
    if (this.#need(L.PACKET_TCP)) this.#write32(this.l4Offset + F.TCP_SEQUENCE, value);
  }
  get acknowledgement(): number {
    return this.#need(L.PACKET_TCP) ? this.#frame32(this.l4Offset + F.TCP_ACKNOWLEDGEMENT) : 0;
  }
  set acknowledgement(value: number) {
    if (this.#need(L.PACKET_TCP)) this.#write32(this.l4Offset + F.TCP_ACKNOWLEDGEMENT, value);
  }
  get window(): number {
    return this.#need(L.PACKET_TCP) ? this.#frame16(this.l4Offset + F.TCP_WINDOW) : 0;
  }
  set window(value: number) {
    if (this.#need(L.PACKET_TCP)) this.#write16(this.l4Offset + F.TCP_WINDOW, value);
  }
  /** Of ICMP and ICMPv6. */
  get icmpType(): number {
    return this.#need(L.PACKET_ICMP | L.PACKET_ICMPV6) ? this.#frame8(this.l4Offset + F.ICMP_TYPE) : 0;
  }
  set icmpType(value: number) {
    if (this.#need(L.PACKET_ICMP | L.PACKET_ICMPV6)) this.#write8(this.l4Offset + F.ICMP_TYPE, value);
  }
  get icmpCode(): number {
    return this.#need(L.PACKET_ICMP | L.PACKET_ICMPV6) ? this.#frame8(this.l4Offset + F.ICMP_CODE) : 0;
  }
  set icmpCode(value: number) {
    if (this.#need(L.PACKET_ICMP | L.PACKET_ICMPV6)) this.#write8(this.l4Offset + F.ICMP_CODE, value);
  }

  // ── Raw bytes: offsets from where the frame begins now ─────────────────────────────────────────────────────────────

  u8(offset: number): number {
    return this.#isInside(offset, 1) ? this.#view.getUint8(this.#start() + offset) : this.#missing();
  }
  u16(offset: number): number {
    return this.#isInside(offset, 2) ? this.#view.getUint16(this.#start() + offset) : this.#missing();
  }
  u32(offset: number): number {
    return this.#isInside(offset, 4) ? this.#view.getUint32(this.#start() + offset) : this.#missing();
  }
  /** Writes one byte and keeps checksums right, as setting a field does. */
  setU8(offset: number, value: number): void {
    if (this.#isInside(offset, 1)) this.#write8(offset + this.#startShift(), value);
    else this.#missing();
  }
  setU16(offset: number, value: number): void {
    if (this.#isInside(offset, 2)) this.#write16(offset + this.#startShift(), value);
    else this.#missing();
  }
  setU32(offset: number, value: number): void {
    if (this.#isInside(offset, 4)) this.#write32(offset + this.#startShift(), value);
    else this.#missing();
  }

  /**
   * The frame itself, for reading; an allocation. It lies in the arena: valid only inside the call. Whoever writes into it
   * answers for the checksums and calls `touched()`.
   */
  get bytes(): Uint8Array {
    const start = this.#start();
    return this.#arena.bytes.subarray(start, start + this.length);
  }
  /** The bytes behind the innermost header, as `bytes`. */
  get payload(): Uint8Array {
    const start = this.#frame() + this.payloadOffset;
    return this.#arena.bytes.subarray(start, start + this.payloadLength);
  }
  /** Says that `bytes` were changed: the frame is dissected again before the next filter. */
  touched(): void {
    this.#flag(L.OUTCOME_FLAG_MODIFIED);
  }

  /**
   * Makes room for a header at the head; the new bytes are 0.
   *
   * @param bytes 1 to 128 in all; beyond that the packet is dropped with reason `noHeadroom`
   * @returns whether there was room
   */
  push(bytes: number): boolean {
    return this.#arena.core.push(this.#d, this.#o, bytes) !== 0;
  }
  /** Removes bytes from the head. @returns false, and changes nothing, when the frame is not longer than that */
  pop(bytes: number): boolean {
    return this.#arena.core.pop(this.#d, this.#o, bytes) !== 0;
  }

  /** Keeps the packet: the bytes and what was dissected, as plain values. */
  copy(): CopiedPacket {
    const flags = this.#view.getUint8(this.#o + L.OUTCOME_FLAGS);
    const copied = copyPacket(this);
    // Reading every field marks a packet short that lacks one; that was not the filter's doing.
    this.#view.setUint8(this.#o + L.OUTCOME_FLAGS, flags);
    return copied;
  }

  // ── Below here: how ────────────────────────────────────────────────────────────────────────────────────────────────

  #decide(verdict: Verdict): Verdict {
    this.#view.setUint8(this.#o + L.OUTCOME_VERDICT, verdict);
    return verdict;
  }

  #portOf(port: string | number): number {
    const number = typeof port === 'string' ? this.#scope.portNumber(port) : port;
    if (number === undefined) throw new TypeError(`Cannot send to port '${port}': the line has no such port`);
    return number;
  }

  #flag(flag: number): void {
    const address = this.#o + L.OUTCOME_FLAGS;
    this.#view.setUint8(address, this.#view.getUint8(address) | flag);
  }

  /** Whether the packet has one of these headers; marks it short when not. */
  #need(flags: number): boolean {
    if (this.has(flags)) return true;
    this.#missing();
    return false;
  }

  #missing(): 0 {
    this.#flag(L.OUTCOME_FLAG_SHORT);
    return 0;
  }

  #descriptor16(field: number): number {
    return this.#view.getUint16(this.#d + field, true);
  }
  #descriptor32(field: number): number {
    return this.#view.getUint32(this.#d + field, true);
  }
  #startShift(): number {
    return this.#view.getInt16(this.#o + L.OUTCOME_START_SHIFT, true);
  }
  /** Where the dissected frame begins. */
  #frame(): number {
    return this.#descriptor32(L.DESCRIPTOR_FRAME);
  }
  /** Where the frame begins now. */
  #start(): number {
    return this.#frame() + this.#startShift();
  }
  #isInside(offset: number, bytes: number): boolean {
    return offset >= 0 && offset + bytes <= this.length;
  }

  #frame8(offset: number): number {
    return this.#view.getUint8(this.#frame() + offset);
  }
  #frame16(offset: number): number {
    return this.#view.getUint16(this.#frame() + offset);
  }
  #frame32(offset: number): number {
    return this.#view.getUint32(this.#frame() + offset);
  }
  #write8(offset: number, value: number): void {
    this.#view.setUint8(L.SCRATCH_OFFSET, value);
    this.#arena.core.edit(this.#d, this.#o, offset, 1);
  }
  #write16(offset: number, value: number): void {
    this.#view.setUint16(L.SCRATCH_OFFSET, value);
    this.#arena.core.edit(this.#d, this.#o, offset, 2);
  }
  #write32(offset: number, value: number): void {
    this.#view.setUint32(L.SCRATCH_OFFSET, value);
    this.#arena.core.edit(this.#d, this.#o, offset, 4);
  }
  #writeBytes(offset: number, bytes: Uint8Array): void {
    this.#arena.bytes.set(bytes, L.SCRATCH_OFFSET);
    this.#arena.core.edit(this.#d, this.#o, offset, bytes.length);
  }

  /** TCI of the VLAN tag at `depth`. */
  #tag(depth: number): number {
    if (depth >= this.vlanCount) return this.#missing();
    return this.#frame16(F.ETHERNET_BYTES + depth * F.VLAN_BYTES + F.VLAN_TCI);
  }

  #mac(offset: number): string {
    if (!this.#need(L.PACKET_ETHERNET)) return '';
    const start = this.#frame() + offset;
    return formatMac(this.#arena.bytes.subarray(start, start + F.MAC_BYTES));
  }
  #setMac(offset: number, text: string): void {
    const bytes = parseMac(text);
    if (this.#need(L.PACKET_ETHERNET)) this.#writeBytes(offset, bytes);
  }

  #ttlOffset(): number {
    const flags = this.flags;
    if ((flags & L.PACKET_IPV4) !== 0) return this.l3Offset + F.IPV4_TTL;
    if ((flags & L.PACKET_IPV6) !== 0) return this.l3Offset + F.IPV6_HOP_LIMIT;
    this.#missing();
    return -1;
  }
  /** IPv4 keeps it in a byte, IPv6 across two. */
  #trafficClass(): number {
    if (!this.#need(L.PACKET_IP)) return 0;
    const l3 = this.l3Offset;
    return this.isIpv4 ? this.#frame8(l3 + F.IPV4_TOS) : (this.#frame16(l3) >> 4) & 0xff;
  }
  #setTrafficClass(value: number): void {
    const l3 = this.l3Offset;
    if (this.isIpv4) this.#write8(l3 + F.IPV4_TOS, value);
    else this.#write16(l3, (this.#frame16(l3) & 0xf00f) | ((value & 0xff) << 4));
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
    const isIpv4 = this.has(L.PACKET_ARP) && this.#frame16(l3 + F.ARP_PROTOCOL_TYPE) === F.ETHER_TYPE_IPV4;
    if (isIpv4 && this.#frame16(l3 + F.ARP_HARDWARE_SIZE) === 0x0604) return l3 + field;
    this.#missing();
    return -1;
  }
  #address(offset: number): string {
    if (offset < 0) return '';
    if (!this.isIpv6) return formatIpv4(this.#frame32(offset));
    return formatIpv6([0, 4, 8, 12].map((word) => this.#frame32(offset + word)));
  }
  #setAddress(offset: number, text: string): void {
    if (offset < 0) return;
    const words = addressWords(text, this.isIpv6 ? 6 : 4);
    words.forEach((word, i) => {
      this.#view.setUint32(L.SCRATCH_OFFSET + 4 * i, word);
    });
    this.#arena.core.edit(this.#d, this.#o, offset, words.byteLength);
  }
  #inPrefix(offset: number, { version, words, masks }: Prefix): boolean {
    if (offset < 0 || (version === 6) !== this.isIpv6) return false;
    for (let i = 0; i < words.length; i++) {
      if (((this.#frame32(offset + 4 * i) & (masks[i] ?? 0)) ^ (words[i] ?? 0)) !== 0) return false;
    }
    return true;
  }
}

function notAVerdict(value: unknown): TypeError {
  if (value instanceof Promise) {
    value.catch(() => undefined);
    return new TypeError('Cannot take a promise for a verdict: a filter must not be async');
  }
  if (value === Verdict.Redirect) return new TypeError('Cannot redirect without a port: return packet.redirect(port)');
  return new TypeError(
    `Cannot take ${String(value)} for a verdict: return one of packet.drop(), accept(), … or nothing`,
  );
}
