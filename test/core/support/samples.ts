import { type Link, sealed, write16 } from './oracle.ts';

/** A valid packet with what it should be seen as. */
export interface Sample {
  readonly name: string;
  readonly link: Link;
  readonly bytes: Uint8Array;
}

const MACS = [2, 0, 0, 0, 0, 0x22, 2, 0, 0, 0, 0, 0x11];
const PAYLOAD = [...new TextEncoder().encode('some payload of odd length!')];

function big16(value: number): number[] {
  return [value >> 8, value & 255];
}

function tcp(payload: readonly number[] = PAYLOAD, options: readonly number[] = []): number[] {
  const header = [
    0x9c,
    0x40,
    0,
    80,
    1,
    2,
    3,
    4,
    0xf5,
    6,
    7,
    8,
    (5 + options.length / 4) << 4,
    0x18,
    0x20,
    1,
    0,
    0,
    0,
    9,
  ];
  return [...header, ...options, ...payload];
}

function udp(payload: readonly number[] = PAYLOAD): number[] {
  return [0x13, 0x88, 0, 53, ...big16(8 + payload.length), 0, 0, ...payload];
}

function echo(type: number): number[] {
  return [type, 3, 0, 0, 0x12, 0x34, 0, 1, ...PAYLOAD];
}

function sctp(): number[] {
  return [0x0b, 0x59, 0x0b, 0x5a, 1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 0xdd, ...PAYLOAD];
}

function ipv4(
  protocol: number,
  carried: readonly number[],
  { options = [], fragment = 0x4000 }: Ipv4Shape = {},
): number[] {
  const words = 5 + options.length / 4;
  const total = 4 * words + carried.length;
  const start = [0x40 | words, 0xb9, ...big16(total), 0xbe, 0xef, ...big16(fragment), 63, protocol, 0, 0];
  return [...start, 192, 168, 7, 1, 203, 0, 113, 250, ...options, ...carried];
}

interface Ipv4Shape {
  readonly options?: readonly number[];
  readonly fragment?: number;
}

const IPV6_SOURCE = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
const IPV6_DESTINATION = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0x5e, 0xff, 0xfe, 0, 0x53, 0xaf];

/** `chain`: extension headers, each as its number and its bytes; the first byte of each is filled in. */
function ipv6(
  protocol: number,
  carried: readonly number[],
  chain: readonly { readonly number: number; readonly bytes: readonly number[] }[] = [],
): number[] {
  const numbers = [...chain.map(({ number }) => number), protocol];
  const extensions = chain.flatMap(({ bytes }, i) => [numbers[i + 1] ?? 0, ...bytes.slice(1)]);
  const length = extensions.length + carried.length;
  const start = [0x6b, 0x9a, 0xbc, 0xde, ...big16(length), numbers[0] ?? 0, 65];
  return [...start, ...IPV6_SOURCE, ...IPV6_DESTINATION, ...extensions, ...carried];
}

function ethernet(
  etherType: number,
  packet: readonly number[],
  tags: readonly (readonly [number, number])[] = [],
): number[] {
  const types = [...tags.map(([type]) => type), etherType];
  const middle = tags.flatMap(([, tci], i) => [...big16(tci), ...big16(types[i + 1] ?? 0)]);
  return [...MACS, ...big16(types[0] ?? 0), ...middle, ...packet];
}

function arp(): number[] {
  return [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x11, 192, 168, 7, 1, 0, 0, 0, 0, 0, 0, 203, 0, 113, 250];
}

const HOP_BY_HOP = { number: 0, bytes: [0, 0, 5, 2, 0, 0, 1, 0] };
const DESTINATION_OPTIONS = { number: 60, bytes: [0, 1, 1, 12, ...Array<number>(12).fill(7)] };
const FIRST_FRAGMENT = { number: 44, bytes: [0, 0, 0, 1, 9, 8, 7, 6] };
const LATER_FRAGMENT = { number: 44, bytes: [0, 0, 0, 0x59, 9, 8, 7, 6] };
const TIMESTAMP = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
const ROUTER_ALERT = [0x94, 4, 0, 0];

const shapes: readonly (readonly [name: string, bytes: readonly number[], link?: Link])[] = [
  ['TCP over IPv4', ethernet(0x0800, ipv4(6, tcp()))],
  [
    'TCP with options over IPv4 with options',
    ethernet(0x0800, ipv4(6, tcp(PAYLOAD, TIMESTAMP), { options: ROUTER_ALERT })),
  ],
  ['TCP without payload', ethernet(0x0800, ipv4(6, tcp([])))],
  ['UDP over IPv4 in a VLAN', ethernet(0x0800, ipv4(17, udp()), [[0x8100, 0xb064]])],
  [
    'ICMP over IPv4 in two VLANs',
    ethernet(0x0800, ipv4(1, echo(8)), [
      [0x88a8, 0x2abc],
      [0x8100, 0x1123],
    ]),
  ],
  ['SCTP over IPv4', ethernet(0x0800, ipv4(132, sctp()))],
  ['GRE over IPv4', ethernet(0x0800, ipv4(47, PAYLOAD))],
  ['a later fragment of IPv4', ethernet(0x0800, ipv4(17, PAYLOAD, { fragment: 0x2003 }))],
  ['TCP over IPv6', ethernet(0x86dd, ipv6(6, tcp()))],
  ['UDP over IPv6 with extension headers', ethernet(0x86dd, ipv6(17, udp(), [HOP_BY_HOP, DESTINATION_OPTIONS]))],
  [
    'ICMPv6 over IPv6 in four VLANs',
    ethernet(0x86dd, ipv6(58, echo(128)), Array<[number, number]>(4).fill([0x8100, 0xf001])),
  ],
  ['a later fragment of IPv6', ethernet(0x86dd, ipv6(17, PAYLOAD, [LATER_FRAGMENT]))],
  ['SCTP over IPv6 in an atomic fragment', ethernet(0x86dd, ipv6(132, sctp(), [FIRST_FRAGMENT]))],
  ['ARP', ethernet(0x0806, arp())],
  ['an unknown EtherType', ethernet(0x88b5, PAYLOAD)],
  ['802.3', ethernet(PAYLOAD.length, PAYLOAD)],
  ['TCP over IPv4 on TUN', ipv4(6, tcp()), 'ip'],
  ['UDP over IPv6 on TUN', ipv6(17, udp()), 'ip'],
  ['UDP with Ethernet padding', [...ethernet(0x0800, ipv4(17, udp([1, 2, 3]))), ...Array<number>(15).fill(0x55)]],
];

/** Valid packets of all kinds; all checksums are right. */
export const samples: readonly Sample[] = shapes.map(([name, bytes, link = 'ethernet']) => ({
  name,
  link,
  bytes: sealed(Uint8Array.from(bytes), link),
}));

/** The sample of this name. */
export function sample(name: string): Sample {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`There is no sample '${name}'`);
  return found;
}

/** A copy with 16-bit words written over it. */
export function patched(bytes: Uint8Array, words: Readonly<Record<number, number>>): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of Object.entries(words)) write16(copy, Number(at), value);
  return copy;
}
