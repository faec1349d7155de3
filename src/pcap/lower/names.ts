/** Finds what the built-in tables do not know. Every part may be left out; names are then errors. */
export interface NameResolver {
  /** IPv4 and IPv6 addresses of a host. */
  addresses?(name: string): readonly string[];
  /** A network with its prefix length, as in `10.0.0.0/8`. */
  network?(name: string): string | undefined;
  /** MAC address of a host, as in `02:00:00:00:00:01`. */
  mac?(name: string): string | undefined;
  /** A service, where the built-in table lacks it. */
  port?(name: string): Service | undefined;
}

/** A port; without a protocol it is that of TCP, UDP and SCTP alike. */
export interface Service {
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
}

export type Names = NameResolver;

/** The port of a service, by the table of common ones (IANA), then by the resolver. */
export function serviceOf(names: Names, name: string): Service | undefined {
  const known = services.get(name);
  return known ?? names.port?.(name);
}

/** Services with one port for TCP and UDP. */
const BOTH =
  'echo 7 discard 9 daytime 13 chargen 19 time 37 tacacs 49 domain 53 kerberos 88 sunrpc 111 snmp 161 snmp-trap 162 ' +
  'ldap 389 svrloc 427 https 443 kpasswd 464 rtsp 554 ldp 646 ldaps 636 domain-s 853 openvpn 1194 radius 1812 ' +
  'radius-acct 1813 nfs 2049 sip 5060 sip-tls 5061';
const TCP_ONLY =
  'tcpmux 1 ftp-data 20 ftp 21 ssh 22 telnet 23 smtp 25 whois 43 gopher 70 finger 79 http 80 pop3 110 auth 113 nntp 119 ' +
  'epmap 135 netbios-ssn 139 imap2 143 bgp 179 microsoft-ds 445 submissions 465 exec 512 login 513 shell 514 printer 515 ' +
  'uucp 540 submission 587 ipp 631 rsync 873 ftps-data 989 ftps 990 telnets 992 imaps 993 pop3s 995 socks 1080 ' +
  'ms-sql-s 1433 mysql 3306 ms-wbt-server 3389 svn 3690 xmpp-client 5222 xmpp-server 5269 postgresql 5432 x11 6000 ' +
  'redis 6379 syslog-tls 6514 http-alt 8080 git 9418';
const UDP_ONLY =
  'bootps 67 bootpc 68 tftp 69 ntp 123 netbios-ns 137 netbios-dgm 138 xdmcp 177 ptp-event 319 ptp-general 320 ' +
  'isakmp 500 biff 512 who 513 syslog 514 talk 517 route 520 dhcpv6-client 546 dhcpv6-server 547 l2f 1701 iax 4569 mdns 5353';

const services: ReadonlyMap<string, Service> = new Map([
  ...pairsOf(BOTH).map(([name, port]) => [name, { port }] as const),
  ...pairsOf(TCP_ONLY).map(([name, port]) => [name, { port, protocol: 'tcp' as const }] as const),
  ...pairsOf(UDP_ONLY).map(([name, port]) => [name, { port, protocol: 'udp' as const }] as const),
]);

/** IP protocols by name (IANA), beside those that are words of the language and may be written `\tcp`. */
export const IP_PROTOCOL_NAMES: ReadonlyMap<string, number> = new Map(
  pairsOf(
    'ip 0 hopopt 0 icmp 1 igmp 2 ggp 3 ipencap 4 st 5 tcp 6 egp 8 igp 9 pup 12 udp 17 hmp 20 rdp 27 dccp 33 xtp 36 ddp 37 ' +
      'ipv6 41 ipv6-route 43 ipv6-frag 44 idrp 45 rsvp 46 gre 47 esp 50 ah 51 skip 57 ipv6-icmp 58 ipv6-nonxt 59 ' +
      'ipv6-opts 60 vmtp 81 eigrp 88 ospf 89 ipip 94 etherip 97 encap 98 pim 103 ipcomp 108 vrrp 112 l2tp 115 isis 124 ' +
      'sctp 132 fc 133 mobility-header 135 udplite 136 mpls-in-ip 137 manet 138 hip 139 shim6 140 wesp 141 rohc 142',
  ),
);

function pairsOf(text: string): [string, number][] {
  const words = text.split(' ');
  return words.flatMap((word, i) => (i % 2 === 0 ? [[word, Number(words[i + 1])] as [string, number]] : []));
}
