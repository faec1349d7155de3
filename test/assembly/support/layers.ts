import * as L from '../../../assembly/layout.ts';
import type { Bench } from '../bench.ts';
import { DESCRIPTOR, type Dissected } from '../descriptor.ts';
import type { Field, Judged } from './tshark.ts';

/** What both sides say of the layers that `dissect` walks; undefined where the packet has no such layer. */
export interface Layers {
  vlans: string;
  etherType?: number | undefined;
  network?: string | undefined;
  ipHeaderBytes?: number | undefined;
  networkChecksum?: string | undefined;
  isFragment?: boolean | undefined;
  fragmentOffset?: number | undefined;
  protocol?: number | undefined;
  transport?: string | undefined;
  sourcePort?: number | undefined;
  destinationPort?: number | undefined;
  tcpHeaderBytes?: number | undefined;
  tcpFlags?: number | undefined;
  icmpType?: number | undefined;
  icmpCode?: number | undefined;
  transportChecksum?: string | undefined;
  arpOperation?: number | undefined;
}

const ETHER_TYPES = { ip: 0x0800, arp: 0x0806, ipv6: 0x86dd };
const TRANSPORTS = ['tcp', 'udp', 'sctp', 'icmp', 'icmpv6'];

/** What the core found in `frame`, which was dissected last. */
export function ourLayers({ core }: Bench, frame: Uint8Array, found: Dissected): Layers {
  const has = (flag: number): boolean => (found.flags & flag) !== 0;
  const nameOf = (names: readonly (readonly [string, number])[]): string | undefined =>
    names.find(([, flag]) => has(flag))?.[0];
  const u8 = (offset: number): number => frame[offset] ?? -1;
  const u16 = (offset: number): number => (u8(offset) << 8) | u8(offset + 1);
  const layers: Layers = {
    vlans: [found.vlanOuter, found.vlanInner].slice(0, found.vlanCount).map(vlanId).join(),
    network: nameOf([
      ['ip', L.PACKET_IPV4],
      ['ipv6', L.PACKET_IPV6],
      ['arp', L.PACKET_ARP],
    ]),
    transport: nameOf([
      ['tcp', L.PACKET_TCP],
      ['udp', L.PACKET_UDP],
      ['sctp', L.PACKET_SCTP],
      ['icmp', L.PACKET_ICMP],
      ['icmpv6', L.PACKET_ICMPV6],
    ]),
  };
  if (has(L.PACKET_ETHERNET)) layers.etherType = found.etherType;
  if (has(L.PACKET_ARP)) layers.arpOperation = u16(found.l3 + 6);
  if (has(L.PACKET_IPV4)) {
    layers.ipHeaderBytes = (u8(found.l3) & 15) * 4;
    layers.networkChecksum = verdicts[core.verifyNetwork(DESCRIPTOR)];
    layers.fragmentOffset = (u16(found.l3 + 6) & 0x1fff) * 8;
  }
  if (has(L.PACKET_IP)) {
    layers.isFragment = has(L.PACKET_FRAGMENT);
    layers.protocol = found.protocol;
  }
  if (has(L.PACKET_PORTS)) Object.assign(layers, portsOf(found.sourcePort, found.destinationPort));
  if (has(L.PACKET_TCP)) {
    layers.tcpHeaderBytes = found.payload - found.l4;
    layers.tcpFlags = found.tcpFlags;
  }
  if (has(L.PACKET_ICMP | L.PACKET_ICMPV6)) {
    layers.icmpType = u8(found.l4);
    layers.icmpCode = u8(found.l4 + 1);
  }
  if (layers.transport !== undefined && layers.transport !== 'sctp') {
    layers.transportChecksum = verdicts[core.verifyTransport(DESCRIPTOR)];
  }
  return layers;
}

/** The same as tshark has it, nested packets left out. */
export function theirLayers(judged: Judged): Layers {
  const { first, all } = judged;
  const chain = outerChain(judged.protocols);
  const network = chain.find((name) => name in ETHER_TYPES);
  const transport = chain.find((name) => TRANSPORTS.includes(name));
  const layers: Layers = { vlans: vlansOf(judged, chain), network, transport };
  if (judged.protocols[0] === 'eth') layers.etherType = etherTypeOf(judged, chain, network);
  if (network === 'arp') layers.arpOperation = first('arp.opcode');
  if (network === 'ip') {
    layers.ipHeaderBytes = first('ip.hdr_len');
    layers.networkChecksum = statusOf(first('ip.checksum.status'));
    // In units of 8 bytes, until Wireshark 4.
    layers.fragmentOffset = first('ip.frag_offset');
    layers.isFragment = first('ip.frag_offset') !== 0 || first('ip.flags.mf') === 1;
    layers.protocol = (chain.includes('ah') ? first('ah.next_header') : undefined) ?? first('ip.proto');
  }
  if (network === 'ipv6') {
    layers.isFragment = (first('ipv6.fraghdr.offset') ?? 0) !== 0 || first('ipv6.fraghdr.more') === 1;
    layers.protocol = lastHeader(judged, chain);
  }
  if (transport === 'tcp' || transport === 'udp' || transport === 'sctp') {
    Object.assign(layers, portsOf(first(`${transport}.srcport`), first(`${transport}.dstport`)));
  }
  if (transport === 'tcp') {
    layers.tcpHeaderBytes = first('tcp.hdr_len');
    layers.tcpFlags = (first('tcp.flags') ?? 0) & 0xff;
  }
  if (transport === 'icmp' || transport === 'icmpv6') {
    layers.icmpType = first(`${transport}.type`);
    layers.icmpCode = first(`${transport}.code`);
  }
  if (transport !== undefined && transport !== 'sctp') {
    layers.transportChecksum = statusOf(all(`${transport}.checksum.status` as Field)[0]);
  }
  return layers;
}

const EXTENSIONS = ['ipv6.hopopts', 'ipv6.dstopts', 'ipv6.routing', 'ipv6.fraghdr', 'ah'];
const WALKED = ['eth', 'ethertype', 'vlan', 'ieee8021ad', 'raw', 'ip', 'ipv6', 'arp', ...EXTENSIONS, ...TRANSPORTS];

/** The layers up to the first one that `dissect` does not walk, or a transport, or a second network. */
function outerChain(protocols: readonly string[]): string[] {
  const chain: string[] = [];
  for (const name of protocols) {
    const isNested = name in ETHER_TYPES && chain.some((before) => before in ETHER_TYPES);
    if (!WALKED.includes(name) || isNested) break;
    chain.push(name);
    if (TRANSPORTS.includes(name)) break;
  }
  return chain;
}

/** Identifiers of the first two tags, in the order of the tags. */
function vlansOf({ all }: Judged, chain: readonly string[]): string {
  const ids = { vlan: all('vlan.id'), ieee8021ad: all('ieee8021ad.id') };
  const tags = chain.flatMap((name) => (name === 'vlan' || name === 'ieee8021ad' ? [ids[name].shift()] : []));
  return tags.slice(0, 2).join();
}

/** Behind all tags; 0 for an 802.3 length. A tag of 802.1ad has no field for it: then what follows says it. */
function etherTypeOf({ all }: Judged, chain: readonly string[], network: string | undefined): number {
  const tags = chain.filter((name) => name === 'vlan' || name === 'ieee8021ad');
  if (tags.length === 0) return all('eth.type')[0] ?? 0;
  if (tags.at(-1) === 'ieee8021ad') return network === undefined ? 0 : ETHER_TYPES[network as keyof typeof ETHER_TYPES];
  return all('vlan.etype')[tags.filter((name) => name === 'vlan').length - 1] ?? 0;
}

function lastHeader({ first, all }: Judged, chain: readonly string[]): number | undefined {
  const last = chain.filter((name) => EXTENSIONS.includes(name)).at(-1);
  if (last === undefined) return first('ipv6.nxt');
  if (last === 'ah') return first('ah.next_header');
  return all(`${last}.nxt` as Field).at(-1);
}

function portsOf(sourcePort: number | undefined, destinationPort: number | undefined): Partial<Layers> {
  return { sourcePort, destinationPort };
}

const verdicts = ['wrong', 'right', 'unknown'];

/** Wireshark's PROTO_CHECKSUM_E_*: bad, good, unverified, not present, illegal. */
function statusOf(status = 2): string {
  return verdicts[status] ?? 'unknown';
}

function vlanId(tci: number): number {
  return tci & 0xfff;
}
