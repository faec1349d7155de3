import { Random } from './random.ts';
import type { TestPacket } from './oracle.ts';

// Own packets, put together from headers: every protocol, fragment, tag and tunnel that expressions can ask for, with
// addresses and ports from small pools, so that expressions hit.

export const IPV4_ADDRESSES = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.2.3',
  '192.168.0.1',
  '172.16.5.4',
  '224.0.0.5',
  '255.255.255.255',
  '0.0.0.10',
];
export const IPV6_ADDRESSES = ['::1', 'fd00::1', 'fd00::2:1', 'fe80::1', 'ff02::1', '2001:db8::1.2.3.4'];
export const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:05'];
export const PORTS = [22, 53, 80, 81, 443, 4789, 6081, 8080, 65535, 0];
export const IP_NUMBERS = [1, 2, 6, 9, 17, 47, 50, 51, 58, 59, 88, 103, 112, 132, 0, 255];

const ETHER_TYPES = [
  0x0600, 0x6001, 0x6002, 0x6003, 0x6004, 0x6007, 0x8035, 0x809b, 0x80f3, 0x8137, 0x8863, 0x9000, 0x88cc,
];

/** Ethernet frames, `count` of them, the same for one seed. */
export function ethernetPackets(count: number, seed = 1): TestPacket[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => cut(random, frame(random)));
}

/** The same without link headers. */
export function rawPackets(count: number, seed = 2): TestPacket[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => cut(random, random.chance(0.05) ? noise(random) : ip(random, 0).bytes));
}

/** Some packets were longer on the wire. */
function cut(random: Random, bytes: number[]): TestPacket {
  const wireLength = random.chance(0.1) ? bytes.length + random.below(2000) : bytes.length;
  const end = random.chance(0.15) ? random.below(bytes.length + 1) : bytes.length;
  return { bytes: Uint8Array.from(bytes.slice(0, end)), wireLength: Math.max(wireLength, end) };
}

function noise(random: Random): number[] {
  return Array.from({ length: random.below(120) }, () => random.below(256));
}

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];

function mac(random: Random): number[] {
  return random
    .pick(MACS)
    .split(':')
    .map((byte) => parseInt(byte, 16));
}

function frame(random: Random): number[] {
  if (random.chance(0.02)) return noise(random);
  const tags: number[] = [];
  while (random.chance(0.25) && tags.length < 12) {
    tags.push(
      ...u16(random.pick([0x8100, 0x88a8, 0x9100])),
      ...u16((random.below(8) << 13) | random.pick([1, 5, 7, 4095])),
    );
  }
  return [...mac(random), ...mac(random), ...tags, ...behindEthernet(random, 0)];
}

/** From the EtherType on. */
function behindEthernet(random: Random, depth: number): number[] {
  const kind = random.below(20);
  if (kind < 13) {
    const { bytes, type } = ip(random, depth);
    return [...u16(type), ...bytes];
  }
  if (kind < 15) return [...u16(random.pick([0x0806, 0x8035])), ...arp(random)];
  if (kind === 15) return [...u16(0x8847), ...labels(random, depth)];
  if (kind === 16) return [...u16(0x8864), ...pppoe(random, depth)];
  if (kind === 17) return llc(random);
  if (kind === 18) return [...u16(random.pick(ETHER_TYPES)), ...noise(random)];
  return [...u16(0x6003), ...decnet(random)];
}

function arp(random: Random): number[] {
  const half = (): number[] => [...mac(random), ...ipv4Address(random)];
  return [...u16(1), ...u16(0x0800), 6, 4, ...u16(random.pick([1, 2])), ...half(), ...half()];
}

function labels(random: Random, depth: number): number[] {
  const count = 1 + random.below(3);
  const stack = Array.from({ length: count }, (_, i) =>
    u32(((random.pick([5, 16, 1000]) << 12) | (i === count - 1 ? 0x100 : 0) | 64) >>> 0),
  ).flat();
  return [...stack, ...ip(random, depth).bytes];
}

function pppoe(random: Random, depth: number): number[] {
  const { bytes, type } = ip(random, depth);
  const protocol = random.chance(0.8)
    ? type === 0x0800
      ? 0x21
      : 0x57
    : random.pick([0x23, 0x29, 0x2b, 0x31, 0x0281, 0xc021]);
  return [0x11, 0, ...u16(random.pick([1, 5, 0x1234])), ...u16(bytes.length + 2), ...u16(protocol), ...bytes];
}

function llc(random: Random): number[] {
  const sap = random.pick([0x06, 0x42, 0xaa, 0xe0, 0xf0, 0xfe, 0xff]);
  const control = random.pick([0x00, 0x01, 0x03, 0x05, 0x09, 0x0f, 0x43, 0x63, 0x6f, 0x87, 0xaf, 0xe3]);
  const snap = [
    0xaa,
    0xaa,
    3,
    ...random.pick([
      [0, 0, 0, 0x80, 0xf3],
      [8, 0, 7, 0x80, 0x9b],
      [0, 0, 0, 0x81, 0x37],
    ]),
  ];
  const isis = [
    0xfe,
    0xfe,
    3,
    random.pick([0x81, 0x82, 0x83]),
    27,
    1,
    0,
    random.pick([15, 16, 17, 18, 20, 24, 25, 26, 27]),
  ];
  const header = random.pick([[sap, sap, control], [sap, 0x10, control], snap, isis]);
  const body = [...header, ...noise(random)];
  return [...u16(body.length), ...body];
}

function decnet(random: Random): number[] {
  const body = [random.pick([0x02, 0x06, 0x81, 0x26]), random.pick([0x02, 0x06, 0x00]), ...noise(random)];
  return [...u16(body.length), ...body, ...[4, 2, 4, 2, 4, 2, 4, 2]];
}

function ipv4Address(random: Random): number[] {
  return random.pick(IPV4_ADDRESSES).split('.').map(Number);
}

function ip(random: Random, depth: number): { bytes: number[]; type: number } {
  return random.chance(0.6)
    ? { bytes: ipv4(random, depth), type: 0x0800 }
    : { bytes: ipv6(random, depth), type: 0x86dd };
}

function ipv4(random: Random, depth: number): number[] {
  const protocol = random.chance(0.65) ? random.pick([6, 17, 132, 1]) : random.pick(IP_NUMBERS);
  const options = random.chance(0.8) ? [] : new Array<number>(4 * random.below(11)).fill(1);
  const offset = random.chance(0.85) ? 0 : random.pick([1, 185, 0x1fff]);
  const body = transport(random, protocol, depth);
  const version = random.chance(0.98) ? 0x45 : random.pick([0x44, 0x40, 0x75]);
  const total = 20 + options.length + body.length;
  const flags = (random.below(8) << 13) | offset;
  return [
    version + options.length / 4, random.below(256), ...u16(total), ...u16(random.below(65536)), ...u16(flags), 64, protocol,
    0, 0, ...ipv4Address(random), ...ipv4Address(random), ...options, ...body,
  ]; // prettier-ignore
}

function ipv6Address(random: Random): number[] {
  const text = random.pick(IPV6_ADDRESSES).replace('1.2.3.4', '102:304');
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const zeros = new Array<number>(8 - groups(head).length - groups(tail).length).fill(0);
  return [...groups(head), ...zeros, ...groups(tail)].flatMap(u16);
}

function ipv6(random: Random, depth: number): number[] {
  const protocol = random.chance(0.65) ? random.pick([6, 17, 132, 58]) : random.pick(IP_NUMBERS);
  const chain: number[] = [];
  while (random.chance(0.3) && chain.length < 4) chain.push(random.pick([0, 43, 44, 51, 60]));
  const headers = chain.flatMap((header, i) => extension(random, header, chain[i + 1] ?? protocol));
  const body = [...headers, ...transport(random, protocol, depth)];
  return [
    0x60,
    0,
    0,
    0,
    ...u16(body.length),
    chain[0] ?? protocol,
    64,
    ...ipv6Address(random),
    ...ipv6Address(random),
    ...body,
  ];
}

function extension(random: Random, header: number, next: number): number[] {
  if (header === 44) return [next, 0, ...u16(random.pick([0, 1, 8, 1448])), 0, 0, 0, 1];
  const units = random.below(3);
  if (header === 51) return [next, 1 + units, ...new Array<number>(10 + 4 * units).fill(0)];
  return [next, units, ...new Array<number>(6 + 8 * units).fill(0)];
}

function transport(random: Random, protocol: number, depth: number): number[] {
  const ports = [...u16(random.pick(PORTS)), ...u16(random.pick(PORTS))];
  switch (protocol) {
    case 6:
      return [
        ...ports,
        ...u32(1),
        ...u32(2),
        random.pick([0x50, 0x80]),
        random.pick([2, 0x12, 0x10, 0x11, 4, 0x18]),
        ...u16(1000),
        0,
        0,
        0,
        0,
        ...noise(random),
      ];
    case 17:
      return [...udpPorts(random, ports, depth)];
    case 132:
      return [...ports, ...u32(1), ...u32(2), ...noise(random)];
    case 1:
      return [random.pick([0, 3, 5, 8, 11, 13]), random.below(4), 0, 0, ...noise(random)];
    case 58:
      return [random.pick([1, 2, 128, 129, 133, 135, 136]), random.below(4), 0, 0, ...noise(random)];
    default:
      return noise(random);
  }
}

function udpPorts(random: Random, ports: number[], depth: number): number[] {
  const tunnel = depth === 0 && random.chance(0.2) ? random.pick([6081, 4789]) : 0;
  const payload = tunnel === 6081 ? geneve(random) : tunnel === 4789 ? vxlan(random) : noise(random);
  const ends = tunnel === 0 ? ports : [...ports.slice(0, 2), ...u16(tunnel)];
  return [...ends, ...u16(8 + payload.length), 0, 0, ...payload];
}

function geneve(random: Random): number[] {
  const options = random.below(3);
  const isBridged = random.chance(0.6);
  const inner = ip(random, 1);
  const type = isBridged ? 0x6558 : inner.type;
  const version = random.chance(0.9) ? 0 : 0x40;
  const body = isBridged ? [...mac(random), ...mac(random), ...behindEthernet(random, 1)] : inner.bytes;
  return [
    version | options,
    0,
    ...u16(type),
    0,
    0,
    random.pick([5, 7]),
    0,
    ...new Array<number>(4 * options).fill(0),
    ...body,
  ];
}

function vxlan(random: Random): number[] {
  return [
    random.pick([8, 8, 8, 0]),
    0,
    0,
    0,
    0,
    0,
    random.pick([5, 7]),
    0,
    ...mac(random),
    ...mac(random),
    ...behindEthernet(random, 1),
  ];
}
