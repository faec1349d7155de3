/** Names of protocols, which are also the things whose bytes can be read: `tcp[13]`. */
export const PROTOCOLS = [
  'link', 'ip', 'arp', 'rarp', 'sctp', 'tcp', 'udp', 'icmp', 'igmp', 'igrp', 'pim', 'vrrp', 'carp', 'radio', 'atalk',
  'aarp', 'decnet', 'lat', 'sca', 'moprc', 'mopdl', 'ip6', 'icmp6', 'ah', 'esp', 'iso', 'esis', 'isis', 'l1', 'l2',
  'iih', 'lsp', 'snp', 'csnp', 'psnp', 'stp', 'ipx', 'netbeui',
] as const; // prettier-ignore

export type Protocol = (typeof PROTOCOLS)[number];

/** What an identifier names: the last of the qualifiers. */
export const KINDS = ['host', 'net', 'port', 'portrange', 'proto', 'protochain', 'gateway'] as const;
export type Kind = (typeof KINDS)[number];

/** Other words of the language. */
const OTHER_WORDS = [
  'src', 'dst', 'mask', 'less', 'greater', 'byte', 'broadcast', 'multicast', 'inbound', 'outbound', 'ifindex', 'vlan',
  'mpls', 'pppoed', 'pppoes', 'geneve', 'vxlan', 'llc', 'and', 'or', 'not', 'len',
] as const; // prettier-ignore
export type Word = Protocol | Kind | (typeof OTHER_WORDS)[number];

const ALIASES: Readonly<Record<string, Word>> = {
  ether: 'link', fddi: 'link', tr: 'link', wlan: 'link', ppp: 'link', slip: 'link',
  'es-is': 'esis', 'is-is': 'isis', length: 'len',
}; // prettier-ignore

/** Words of libpcap's language that belong to links that tapline never sees. */
const UNSUPPORTED = [
  'type', 'subtype', 'direction', 'dir', 'address1', 'addr1', 'address2', 'addr2', 'address3', 'addr3', 'address4',
  'addr4', 'ra', 'ta', 'lane', 'metac', 'bcc', 'oam', 'oamf4', 'oamf4ec', 'oamf4sc', 'sc', 'ilmic', 'vpi', 'vci',
  'connectmsg', 'on', 'ifname', 'rset', 'ruleset', 'rnr', 'rulenum', 'srnr', 'subrulenum', 'reason', 'action', 'fisu',
  'lssu', 'lsu', 'msu', 'hfisu', 'hlssu', 'hmsu', 'sio', 'hsio', 'opc', 'hopc', 'dpc', 'hdpc', 'sls', 'hsls',
]; // prettier-ignore

const words = new Map<string, Word>([
  ...[...PROTOCOLS, ...KINDS, ...OTHER_WORDS].map((word) => [word, word] as const),
  ...Object.entries(ALIASES),
]);
const unsupported = new Set(UNSUPPORTED);

/** The word that `text` is, if it is one of the language. */
export function wordOf(text: string): Word | undefined {
  return words.get(text);
}

/** Whether libpcap knows the word, and tapline does not. */
export function isUnsupported(text: string): boolean {
  return unsupported.has(text);
}

/** All words, for suggestions. */
export const allWords: readonly string[] = [...words.keys()];

export function isProtocol(word: Word): word is Protocol {
  return (PROTOCOLS as readonly string[]).includes(word);
}

export function isKind(word: Word): word is Kind {
  return (KINDS as readonly string[]).includes(word);
}

/** Names that stand for numbers: offsets and values of TCP, ICMP (RFC 792) and ICMPv6 (IANA) fields. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    tcpflags: 13,
    'tcp-fin': 0x01,
    'tcp-syn': 0x02,
    'tcp-rst': 0x04,
    'tcp-push': 0x08,
    'tcp-ack': 0x10,
    'tcp-urg': 0x20,
    'tcp-ece': 0x40,
    'tcp-cwr': 0x80,
    icmptype: 0,
    icmpcode: 1,
    'icmp-echoreply': 0,
    'icmp-unreach': 3,
    'icmp-sourcequench': 4,
    'icmp-redirect': 5,
    'icmp-echo': 8,
    'icmp-routeradvert': 9,
    'icmp-routersolicit': 10,
    'icmp-timxceed': 11,
    'icmp-paramprob': 12,
    'icmp-tstamp': 13,
    'icmp-tstampreply': 14,
    'icmp-ireq': 15,
    'icmp-ireqreply': 16,
    'icmp-maskreq': 17,
    'icmp-maskreply': 18,
    icmp6type: 0,
    icmp6code: 1,
    'icmp6-destinationunreach': 1,
    'icmp6-packettoobig': 2,
    'icmp6-timeexceeded': 3,
    'icmp6-parameterproblem': 4,
    'icmp6-echo': 128,
    'icmp6-echoreply': 129,
    'icmp6-multicastlistenerquery': 130,
    'icmp6-multicastlistenerreportv1': 131,
    'icmp6-multicastlistenerdone': 132,
    'icmp6-routersolicit': 133,
    'icmp6-routeradvert': 134,
    'icmp6-neighborsolicit': 135,
    'icmp6-neighboradvert': 136,
    'icmp6-redirect': 137,
    'icmp6-routerrenum': 138,
    'icmp6-nodeinformationquery': 139,
    'icmp6-nodeinformationresponse': 140,
    'icmp6-ineighbordiscoverysolicit': 141,
    'icmp6-ineighbordiscoveryadvert': 142,
    'icmp6-multicastlistenerreportv2': 143,
    'icmp6-homeagentdiscoveryrequest': 144,
    'icmp6-homeagentdiscoveryreply': 145,
    'icmp6-mobileprefixsolicit': 146,
    'icmp6-mobileprefixadvert': 147,
    'icmp6-certpathsolicit': 148,
    'icmp6-certpathadvert': 149,
    'icmp6-multicastrouteradvert': 151,
    'icmp6-multicastroutersolicit': 152,
    'icmp6-multicastrouterterm': 153,
  }),
);
