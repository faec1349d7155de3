import type { Protocol } from '../language/words.ts';
import * as E from './etherTypes.ts';
import { hasLinkType } from './linkTypes.ts';
import type { Lowering } from './lowering.ts';
import { type Test, all, any, equals, hasBits, not } from './test.ts';

/** IP protocol numbers (IANA). */
export const IP_PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  igrp: 9,
  udp: 17,
  fragment: 44,
  esp: 50,
  ah: 51,
  icmp6: 58,
  pim: 103,
  vrrp: 112,
  carp: 112,
  sctp: 132,
} as const;

/** NLPIDs of OSI protocols, ISO/IEC TR 9577. */
export const OSI_PROTOCOLS = { esis: 0x82, isis: 0x83 } as const;

const LINK_TYPES: Partial<Record<Protocol, number>> = {
  ip: E.IPV4,
  ip6: E.IPV6,
  arp: E.ARP,
  rarp: E.RARP,
  atalk: E.ATALK,
  aarp: E.AARP,
  decnet: E.DECNET,
  lat: E.LAT,
  sca: E.SCA,
  mopdl: E.MOPDL,
  moprc: E.MOPRC,
  iso: E.SAP_ISO,
  stp: E.SAP_STP,
  ipx: E.SAP_IPX,
  netbeui: E.SAP_NETBEUI,
};

/** IS-IS packet types (ISO/IEC 10589), in the order in which libpcap asks for them. */
const ISIS_TYPES: Partial<Record<Protocol, readonly [number, ...number[]]>> = {
  l1: [26, 24, 18, 15, 17],
  l2: [27, 25, 20, 16, 17],
  iih: [17, 15, 16],
  lsp: [18, 20],
  snp: [27, 26, 24, 25],
  csnp: [24, 25],
  psnp: [26, 27],
};

/** A protocol's name alone: `tcp`. */
export function isProtocol(lowering: Lowering, protocol: Protocol): Test {
  const linkType = LINK_TYPES[protocol];
  if (linkType !== undefined) return hasLinkType(lowering, linkType);
  const isisTypes = ISIS_TYPES[protocol];
  if (isisTypes !== undefined) {
    const [first, ...rest] = isisTypes.map((type) => carries(lowering, 'isis', type));
    if (first !== undefined) return any(first, ...rest);
  }
  switch (protocol) {
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'pim':
    case 'ah':
    case 'esp':
      return carries(lowering, undefined, IP_PROTOCOLS[protocol]);
    case 'icmp':
    case 'igmp':
    case 'igrp':
    case 'vrrp':
    case 'carp':
      return carries(lowering, 'ip', IP_PROTOCOLS[protocol]);
    case 'icmp6':
      return carries(lowering, 'ip6', IP_PROTOCOLS.icmp6);
    case 'esis':
    case 'isis':
      return carries(lowering, 'iso', OSI_PROTOCOLS[protocol]);
    case 'link':
      return lowering.fail("'ether' alone says nothing: write ether host, ether proto, or the like");
    default:
      return lowering.fail(`'${protocol}' has no meaning on ${lowering.frame.linkName}`);
  }
}

/** `carrier proto number`; without a carrier IPv4 or IPv6. */
export function carries(lowering: Lowering, carrier: Protocol | undefined, number: number): Test {
  const { frame } = lowering;
  switch (carrier) {
    case undefined:
      return any(carries(lowering, 'ip', number), carries(lowering, 'ip6', number));
    case 'link':
      return hasLinkType(lowering, number);
    case 'ip':
      return all(hasLinkType(lowering, E.IPV4), equals(frame.loadNetwork(9, 1), number));
    case 'ip6':
      return all(
        hasLinkType(lowering, E.IPV6),
        any(isNextHeader(lowering, number), isBehindFragment(lowering, number)),
      );
    case 'iso':
      return all(hasLinkType(lowering, E.SAP_ISO), equals(frame.loadBehindLlc(0, 1), number));
    case 'isis':
      return all(carries(lowering, 'iso', OSI_PROTOCOLS.isis), equals(frame.loadBehindLlc(4, 1), number));
    default:
      return lowering.fail(`'${carrier}' carries no protocols that 'proto' could name`);
  }
}

export function isNextHeader({ frame }: Lowering, number: number): Test {
  return equals(frame.loadNetwork(6, 1), number);
}

/** libpcap looks through one fragment header, and through nothing else. */
function isBehindFragment(lowering: Lowering, number: number): Test {
  return all(isNextHeader(lowering, IP_PROTOCOLS.fragment), equals(lowering.frame.loadBehindIpv6(0, 1), number));
}

/** Not a later fragment of IPv4: those have no transport header. */
export function isFirstFragment({ frame }: Lowering): Test {
  return not(hasBits(frame.loadNetwork(6, 2), 0x1fff));
}
