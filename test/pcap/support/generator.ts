import type { Random } from './random.ts';
import { IPV4_ADDRESSES, IPV6_ADDRESSES, IP_NUMBERS, MACS, PORTS } from './packets.ts';

// Random expressions over the whole grammar. Some are refused by design: both compilers must refuse the same ones.

/** One expression; `depth` bounds how far it nests. */
export function randomExpression(random: Random, depth = 3): string {
  if (random.chance(0.03)) return broken(random, chain(random, depth));
  if (random.chance(0.05)) return `${random.pick(['geneve', 'geneve 5', 'geneve 7'])} and (${chain(random, 1)})`;
  return chain(random, depth);
}

function chain(random: Random, depth: number): string {
  let text = term(random, depth);
  for (let links = random.below(4); links > 0; links--) {
    const join = random.pick(['and', 'or', '&&', '||']);
    text += ` ${join} ${random.chance(0.04) ? bare(random) : term(random, depth - 1)}`;
  }
  return text;
}

function term(random: Random, depth: number): string {
  if (depth > 0 && random.chance(0.2)) return `(${chain(random, depth - 1)})`;
  if (depth > 0 && random.chance(0.15)) return `${random.pick(['not ', '! ', '!'])}${term(random, depth - 1)}`;
  return random.pick(TERMS)(random);
}

type Rule = (random: Random) => string;

/** Those named often are drawn often. */
const TERMS: readonly Rule[] = [
  hosts, hosts, hosts, ports, ports, ports, portRanges, protocols, protocols, protocols, numbers, numbers, relation, relation,
  relation, relation, macs, layers, layers, casts, sizes, llc, chains, decnet,
]; // prettier-ignore

const NAMES = [
  'ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'icmp', 'icmp6', 'igmp', 'igrp', 'pim', 'vrrp', 'carp', 'sctp', 'ah', 'esp', 'atalk',
  'aarp', 'decnet', 'lat', 'sca', 'moprc', 'mopdl', 'iso', 'esis', 'isis', 'l1', 'l2', 'iih', 'lsp', 'snp', 'csnp', 'psnp', 'stp',
  'ipx', 'netbeui',
]; // prettier-ignore
const DIRECTIONS = ['', '', '', 'src ', 'dst ', 'src or dst ', 'dst or src ', 'src and dst ', 'dst and src '];

function protocols(random: Random): string {
  return random.pick(NAMES);
}

function address(random: Random): string {
  return random.chance(0.7) ? random.pick(IPV4_ADDRESSES) : random.pick(IPV6_ADDRESSES);
}

function hosts(random: Random): string {
  const protocol = random.pick(['', '', '', '', '', '', 'ip ', 'ip6 ', 'arp ', random.pick(['', '', 'rarp ', 'tcp '])]);
  const direction = random.pick(DIRECTIONS);
  const kind = random.chance(0.7) ? 'host ' : direction === '' ? 'host ' : '';
  if (random.chance(0.6)) return `${protocol}${direction}${kind}${operand(random, () => address(random))}`;
  return `${protocol}${direction}net ${operand(random, () => network(random))}`;
}

function network(random: Random): string {
  return random.pick([
    '10.0.0.0/8', '10', '10.1', '192.168.0.0/16', '192.168', '0.0.0.0/0', '10.0.0.0/7', '10.0.0.1/32', '10.0.0.1/8', '224.0.0.0/4',
    '10.0.0.0 mask 255.0.0.0', '10.0 mask 255.255', '0', 'fd00::/8', 'fe80::/10', '::/0', 'ff02::1', 'fd00::2:0/112', 'fd00::1/64',
    '10.0.0.0/33', '1.2.3',
  ]); // prettier-ignore
}

function number(random: Random, value: number): string {
  const form = random.below(12);
  if (form === 0) return `0x${value.toString(16)}`;
  return form === 1 ? `0${value.toString(8)}` : String(value);
}

function port(random: Random): string {
  return random.chance(0.03) ? '70000' : number(random, random.pick(PORTS));
}

function ports(random: Random): string {
  const protocol = random.pick(['', '', '', '', 'tcp ', 'tcp ', 'udp ', 'udp ', 'sctp ', random.pick(['', '', 'ip '])]);
  return `${protocol}${random.pick(DIRECTIONS)}port ${operand(random, () => port(random))}`;
}

function portRanges(random: Random): string {
  const protocol = random.pick(['', 'tcp ', 'udp ', 'sctp ']);
  const range = `${random.pick(PORTS)}-${random.pick(PORTS)}`;
  return `${protocol}${random.pick(DIRECTIONS)}portrange ${random.chance(0.1) ? port(random) : range}`;
}

/** One identifier, or several in parentheses, some of them negated. */
function operand(random: Random, one: () => string): string {
  const form = random.below(14);
  if (form === 0) return `(${one()} ${random.pick(['or', 'and'])} ${one()})`;
  if (form === 1) return `not ${one()}`;
  if (form === 2) return `(${one()} or not ${one()} or (${one()} or ${one()}))`;
  return one();
}

/** Takes the words before it from its neighbour. */
function bare(random: Random): string {
  return random.chance(0.5) ? address(random) : number(random, random.pick(PORTS));
}

function numbers(random: Random): string {
  const kind = random.below(6);
  if (kind === 0)
    return `ether proto ${random.pick(['0x800', '0x86dd', '0x806', '5', '0xfe', '0x42', '0xe0', '0x600', '1500', '1501', '300', '\\arp', '\\ip6', '\\stp'])}`;
  if (kind === 1) return `iso proto ${random.pick(['0x81', '0x83', '\\esis', '\\clnp'])}`;
  if (kind === 2) return `isis proto ${random.pick([15, 18, 27])}`;
  return `${random.pick(['', 'ip ', 'ip6 '])}proto ${random.pick([...IP_NUMBERS.map(String), '\\tcp', '\\udp', '\\icmp', '300', '(6 or 17)'])}`;
}

function chains(random: Random): string {
  return `${random.pick(['', 'ip ', 'ip6 '])}protochain ${random.pick(['6', '17', '58', '\\tcp', '59', '51'])}`;
}

function macs(random: Random): string {
  const forms = [
    () => random.pick(MACS),
    () => random.pick(MACS).replaceAll(':', '-'),
    () => random.pick(MACS).replaceAll(':', ''),
  ];
  return `ether ${random.pick(['host', 'src', 'dst', 'src host', 'dst host', 'src or dst host', 'src and dst host'])} ${random.pick(forms)()}`;
}

function layers(random: Random): string {
  return random.pick([
    'vlan', 'vlan', 'vlan 5', 'vlan 7', 'vlan (5)', 'mpls', 'mpls 5', 'pppoed', 'pppoes', 'pppoes 5',
    random.pick(['vlan', 'vlan 7', 'vlan 5000', 'mpls 1000', 'pppoes 70000']),
  ]); // prettier-ignore
}

function casts(random: Random): string {
  return random.pick([
    'broadcast',
    'multicast',
    'ether broadcast',
    'ether multicast',
    'ip6 multicast',
    'ip broadcast',
    'arp multicast',
  ]);
}

function sizes(random: Random): string {
  const size = random.pick([0, 14, 20, 60, 64, 100, 1500]);
  const form = random.below(4);
  if (form === 0) return `less ${size}`;
  if (form === 1) return `greater ${size}`;
  return `byte ${random.pick([0, 9, 12, 23, 60])} ${random.pick(['=', '<', '>', '=='])} ${random.pick([0, 1, 6, 64, 69])}`;
}

function llc(random: Random): string {
  return `llc${random.pick(['', '', ' i', ' s', ' u', ' rr', ' rnr', ' rej', ' ui', ' ua', ' disc', ' dm', ' sabme', ' test', ' xid', ' frmr'])}`;
}

function decnet(random: Random): string {
  return `decnet ${random.pick(DIRECTIONS)}host ${random.pick(['1.2', '1.4', '10.20', '63.1023'])}`;
}

const RELATIONS = ['=', '==', '!=', '<', '>', '<=', '>='];

function relation(random: Random): string {
  return `${arithmetic(random, 2)} ${random.pick(RELATIONS)} ${arithmetic(random, 1)}`;
}

const BINARY = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'];

function arithmetic(random: Random, depth: number): string {
  const kind = random.below(8);
  if (depth <= 0 || kind < 2) return constant(random);
  if (kind < 5) return bytes(random, depth);
  if (kind === 5) return `(${arithmetic(random, depth - 1)})`;
  if (kind === 6 && random.chance(0.5)) return `-${arithmetic(random, depth - 1)}`;
  return `${arithmetic(random, depth - 1)} ${random.pick(BINARY)} ${arithmetic(random, depth - 1)}`;
}

function constant(random: Random): string {
  if (random.chance(0.15)) return 'len';
  if (random.chance(0.15))
    return random.pick(['tcp-syn', 'tcpflags', 'icmp-echo', 'icmptype', 'icmp6-echo', 'tcp-ack']);
  return number(
    random,
    random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 31, 32, 64, 255, 1000, 65535, 0x80000000, 0xffffffff]),
  );
}

/** Others cannot be read. */
const READABLE = [
  'ether', 'ip', 'ip', 'ip6', 'arp', 'rarp', 'tcp', 'tcp', 'udp', 'icmp', 'icmp6', 'igmp', 'sctp', 'pim', 'vrrp', 'decnet', 'atalk',
  'lat', 'udp', 'ip',
]; // prettier-ignore

function bytes(random: Random, depth: number): string {
  const index = random.chance(0.75)
    ? String(random.pick([0, 1, 2, 4, 6, 8, 9, 12, 13, 16, 20, 200, 65535]))
    : arithmetic(random, depth - 1);
  return `${random.chance(0.02) ? random.pick(['esp', 'iso', 'radio']) : random.pick(READABLE)}[${index}${random.pick(['', '', '', '', ':1', ':1', ':2', ':2', ':2', ':4', ':4', ':4', random.pick(['', '', '', ':3'])])}]`;
}

/** Takes a character away, adds one, or doubles a word. */
function broken(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const form = random.below(4);
  if (form === 0) return text.slice(0, at) + text.slice(at + 1);
  if (form === 1)
    return (
      text.slice(0, at) +
      random.pick(['(', ')', '[', ']', ' ', '/', ':', '.', '-', '&', '!', '0', 'x', '\\', '=']) +
      text.slice(at)
    );
  const words = text.split(' ');
  const word = random.below(words.length);
  words.splice(word, form === 2 ? 1 : 0, ...(form === 2 ? [] : [words[random.below(words.length)] ?? '']));
  return words.join(' ');
}
