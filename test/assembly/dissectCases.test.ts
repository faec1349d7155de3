import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { openBench } from './bench.ts';
import { type Dissected, NO_VIRTIO, type VirtioFields, dissectFrame } from './descriptor.ts';
import {
  type ExtensionShape,
  arp,
  echo,
  ethernet,
  extensions,
  filler,
  ipv4,
  ipv6,
  join,
  sctp,
  sealed,
  tcp,
  udp,
} from './packets.ts';

const bench = openBench();
const nothing = new Uint8Array();
const ends4 = { source: Uint8Array.from([10, 0, 0, 1]), destination: Uint8Array.from([10, 0, 0, 2]) };
const ends6 = { source: filler(16), destination: filler(16).reverse() };
const ports = { sourcePort: 1234, destinationPort: 80 };

const onTap = (type: number, packet: Uint8Array): Uint8Array => ethernet({ type }, packet);
const tagged = (count: number): Uint8Array =>
  ethernet({ type: 0x88cc, tags: Array.from({ length: count }, (_, tci) => ({ type: 0x8100, tci })) }, nothing);
const over4 = (protocol: number, bytes: Uint8Array, shape = {}): Uint8Array =>
  onTap(0x0800, ipv4({ ...ends4, protocol, ...shape }, bytes));
const over6 = (protocol: number, bytes: Uint8Array, chain: readonly ExtensionShape[] = []): Uint8Array => {
  const carried = extensions(chain, protocol, bytes);
  return onTap(0x86dd, ipv6({ ...ends6, nextHeader: carried.nextHeader }, carried.bytes));
};
const set = (frame: Uint8Array, offset: number, ...values: number[]): Uint8Array => {
  frame.set(values, offset);
  return frame;
};
const dissectTap = (frame: Uint8Array, virtio: Partial<VirtioFields> = {}): Dissected =>
  dissectFrame(bench, frame, layout.LINK_ETHERNET, { ...NO_VIRTIO, ...virtio });

const malformed: [string, number, Uint8Array][] = [
  ['an Ethernet header of 13 bytes', layout.MALFORMED_ETHERNET_SHORT, filler(13)],
  ['an empty frame', layout.MALFORMED_ETHERNET_SHORT, nothing],
  ['a VLAN tag that is cut', layout.MALFORMED_VLAN_SHORT, tagged(2).slice(0, 21)],
  ['a fifth VLAN tag', layout.MALFORMED_VLAN_LIMIT, tagged(5)],
  [
    'an IPv4 EtherType before version 6',
    layout.MALFORMED_IP_VERSION,
    onTap(0x0800, ipv6({ ...ends6, nextHeader: 59 }, nothing)),
  ],
  [
    'an IPv6 EtherType before version 4',
    layout.MALFORMED_IP_VERSION,
    onTap(0x86dd, ipv4({ ...ends4, protocol: 6 }, filler(20))),
  ],
  ['an IPv4 header that is cut', layout.MALFORMED_IPV4_SHORT, over4(6, nothing).slice(0, 33)],
  ['an IPv4 header length of 4', layout.MALFORMED_IPV4_HEADER_LENGTH, set(over4(6, nothing), 14, 0x44)],
  ['IPv4 options that are cut', layout.MALFORMED_IPV4_HEADER_LENGTH, set(over4(6, nothing), 14, 0x46)],
  ['an IPv4 total length of 19', layout.MALFORMED_IPV4_TOTAL_LENGTH, over4(6, nothing, { totalLength: 19 })],
  ['an IPv6 header that is cut', layout.MALFORMED_IPV6_SHORT, over6(59, nothing).slice(0, 53)],
  [
    'an extension header that is cut',
    layout.MALFORMED_IPV6_EXTENSION_SHORT,
    over6(59, nothing, [{ protocol: 0, units: 1 }]).slice(0, 69),
  ],
  [
    'a fragment header that is cut',
    layout.MALFORMED_IPV6_EXTENSION_SHORT,
    over6(59, nothing, [{ protocol: 44 }]).slice(0, 61),
  ],
  [
    'an extension header longer than the IP length',
    layout.MALFORMED_IPV6_EXTENSION_SHORT,
    join(set(over6(59, nothing, [{ protocol: 60 }]), 55, 1), filler(20)),
  ],
  [
    'a ninth extension header',
    layout.MALFORMED_IPV6_EXTENSION_LIMIT,
    over6(
      59,
      nothing,
      Array.from({ length: 9 }, () => ({ protocol: 60 })),
    ),
  ],
  [
    'an authentication header that is cut under IPv6',
    layout.MALFORMED_AUTHENTICATION_SHORT,
    over6(6, nothing, [{ protocol: 51, units: 4 }]).slice(0, -1),
  ],
  ['an authentication header that is cut under IPv4', layout.MALFORMED_AUTHENTICATION_SHORT, over4(51, filler(11))],
  [
    'an authentication header of 8 bytes',
    layout.MALFORMED_AUTHENTICATION_SHORT,
    over4(51, Uint8Array.from([6, 0, ...filler(30)])),
  ],
  ['an ARP packet without its addresses', layout.MALFORMED_ARP_SHORT, onTap(0x0806, arp({ bytes: 27 }))],
  ['an ARP packet of 7 bytes', layout.MALFORMED_ARP_SHORT, onTap(0x0806, arp({ bytes: 7 }))],
  ['a TCP header that is cut', layout.MALFORMED_TCP_SHORT, over4(6, tcp(ports, nothing).slice(0, 19))],
  [
    'a TCP header that the IP length cuts',
    layout.MALFORMED_TCP_SHORT,
    over4(6, tcp(ports, nothing), { totalLength: 39 }),
  ],
  ['a TCP data offset of 4', layout.MALFORMED_TCP_DATA_OFFSET, set(over4(6, tcp(ports, nothing)), 46, 0x40)],
  ['TCP options that are cut', layout.MALFORMED_TCP_DATA_OFFSET, set(over4(6, tcp(ports, filler(3))), 46, 0x60)],
  ['a UDP header that is cut', layout.MALFORMED_UDP_SHORT, over4(17, udp(ports, nothing).slice(0, 7))],
  ['a UDP length of 7', layout.MALFORMED_UDP_LENGTH, over4(17, udp({ ...ports, length: 7 }, filler(4)))],
  ['a UDP length of 0', layout.MALFORMED_UDP_LENGTH, over4(17, udp({ ...ports, length: 0 }, filler(4)))],
  [
    'a UDP length beyond the IP length',
    layout.MALFORMED_UDP_LENGTH,
    over4(17, udp({ ...ports, length: 13 }, filler(4))),
  ],
  ['an ICMP header that is cut', layout.MALFORMED_ICMP_SHORT, over4(1, echo(8, nothing).slice(0, 7))],
  ['an ICMPv6 header that is cut', layout.MALFORMED_ICMPV6_SHORT, over6(58, echo(128, nothing).slice(0, 3))],
  ['an SCTP header that is cut', layout.MALFORMED_SCTP_SHORT, over4(132, sctp(ports, nothing).slice(0, 11))],
];

test.each(malformed)('dissect flags %s as malformed', (_, reason, frame) => {
  const found = dissectTap(frame);
  expect(found.malformed).toBe(reason);
  expect(found.flags & layout.PACKET_MALFORMED).toBe(layout.PACKET_MALFORMED);
});

const wellFormed: [string, number, Uint8Array][] = [
  ['an ICMPv6 message of 4 bytes', layout.PACKET_ICMPV6, over6(58, echo(128, nothing).slice(0, 4))],
  ['four VLAN tags', layout.PACKET_VLAN, tagged(4)],
  [
    'eight extension headers',
    layout.PACKET_TCP,
    over6(
      6,
      tcp(ports, nothing),
      Array.from({ length: 8 }, () => ({ protocol: 60 })),
    ),
  ],
  ['an IPv4 total length of 0', layout.PACKET_TCP, over4(6, tcp(ports, filler(9)), { totalLength: 0 })],
  ['a UDP length below the IP length', layout.PACKET_UDP, over4(17, udp({ ...ports, length: 8 }, filler(4)))],
  [
    'a first fragment with the UDP length of the datagram',
    layout.PACKET_UDP,
    over4(17, udp({ ...ports, length: 3000 }, filler(8)), { moreFragments: true }),
  ],
  [
    'a TCP header behind an authentication header of IPv4',
    layout.PACKET_TCP,
    over4(51, extensions([{ protocol: 51, units: 4 }], 6, tcp(ports, nothing)).bytes),
  ],
  ['TCP behind a routing header', layout.PACKET_TCP, over6(6, tcp(ports, nothing), [{ protocol: 43, units: 2 }])],
];

test.each(wellFormed)('dissect takes %s', (_, flag, frame) => {
  const found = dissectTap(frame);
  expect(found.malformed).toBe(layout.MALFORMED_NONE);
  expect(found.flags & flag).toBe(flag);
});

test('dissect leaves a later fragment without a transport header', () => {
  const { flags, payload, l4, sourcePort } = dissectTap(over4(6, tcp(ports, nothing), { fragmentOffset: 3 }));
  expect(flags).toBe(
    layout.PACKET_ETHERNET | layout.PACKET_IPV4 | layout.PACKET_FRAGMENT | layout.PACKET_LATER_FRAGMENT,
  );
  expect([payload, l4, sourcePort]).toEqual([34, 34, 0]);
});

test('dissect does not take an atomic IPv6 fragment for a fragment', () => {
  const { flags } = dissectTap(over6(6, tcp(ports, nothing), [{ protocol: 44, word: 0 }]));
  expect(flags & (layout.PACKET_FRAGMENT | layout.PACKET_TCP)).toBe(layout.PACKET_TCP);
});

test('dissect leaves out the padding of a short Ethernet frame', () => {
  const found = dissectTap(join(over4(17, udp(ports, filler(2))), filler(16)));
  expect(found).toMatchObject({ payload: 42, payloadLength: 2 });
});

test('dissect flags a frame that ends before the IP length says as truncated and dissects what is there', () => {
  const found = dissectTap(over4(6, tcp(ports, filler(50))).slice(0, 60));
  const expected = layout.PACKET_ETHERNET | layout.PACKET_IPV4 | layout.PACKET_TCP | layout.PACKET_TRUNCATED;
  expect(found).toMatchObject({ flags: expected, payload: 54, payloadLength: 6 });
});

test('dissect gives an 802.3 frame no EtherType and ends its payload where its length says', () => {
  expect(dissectTap(onTap(5, filler(46)))).toMatchObject({ etherType: 0, l3: 14, payload: 14, payloadLength: 5 });
});

test('dissect leaves ARP for other addresses than IPv4 and Ethernet alone', () => {
  const found = dissectTap(onTap(0x0806, arp({ hardwareSize: 8 })));
  expect(found).toMatchObject({ flags: layout.PACKET_ETHERNET, malformed: 0, etherType: 0x0806, payload: 14 });
});

test('dissect reports a payload that is too long for its field as 65,535 bytes', () => {
  const found = dissectTap(onTap(0x88cc, new Uint8Array(65_586)));
  expect(found.payloadLength).toBe(65_535);
});

test('dissect takes a jumbogram with a UDP length of 0', () => {
  const jumbo = onTap(
    0x86dd,
    ipv6({ ...ends6, nextHeader: 17, payloadLength: 0 }, udp({ ...ports, length: 0 }, new Uint8Array(65_530))),
  );
  expect(dissectTap(jumbo)).toMatchObject({ malformed: 0, sourcePort: 1234 });
});

test.each([0, 0x10, 0x30, 0x50, 0x70, 0xf0])('dissect flags a raw packet that begins with %i as malformed', (first) => {
  const found = dissectFrame(bench, Uint8Array.from([first, ...filler(60)]), layout.LINK_IP);
  expect(found).toMatchObject({ flags: layout.PACKET_MALFORMED, malformed: layout.MALFORMED_IP_VERSION, etherType: 0 });
});

const segment4 = sealed(tcp(ports, filler(100)), 6, ends4);
const tcp4 = over4(6, segment4);
const tso = { vnetFlags: 1, gsoType: 1, gsoSize: 50, csumStart: 34, csumOffset: 16 };
const offloads: [string, boolean, Uint8Array, Partial<VirtioFields>][] = [
  ['a TCP super-packet', true, tcp4, tso],
  ['one with the congestion bit', true, tcp4, { ...tso, gsoType: 0x81 }],
  ['one without a partial checksum', true, tcp4, { ...tso, vnetFlags: 0 }],
  ['a hint that makes no sense', true, tcp4, { ...tso, hdrLen: 0xffff }],
  ['a TCP super-packet of the other IP version', false, tcp4, { ...tso, gsoType: 4 }],
  ['a TCP packet as UDP', false, tcp4, { ...tso, gsoType: 5 }],
  ['the congestion bit with UDP', false, over4(17, udp(ports, filler(100))), { ...tso, gsoType: 0x85, csumOffset: 6 }],
  ['the congestion bit alone', false, tcp4, { ...tso, gsoType: 0x80 }],
  ['the UFO type', false, tcp4, { ...tso, gsoType: 3 }],
  ['a segment size of 0', false, tcp4, { ...tso, gsoSize: 0 }],
  ['the segment size that the kernel keeps for itself', false, tcp4, { ...tso, gsoSize: 0xffff }],
  ['a fragment', false, over4(6, segment4, { moreFragments: true }), tso],
  ['a checksum that ends with the frame', true, tcp4, { vnetFlags: 1, csumStart: 100, csumOffset: 52 }],
  ['a checksum that ends behind the frame', false, tcp4, { vnetFlags: 1, csumStart: 100, csumOffset: 53 }],
  ['checksum fields that overflow 16 bits', false, tcp4, { vnetFlags: 1, csumStart: 0xffff, csumOffset: 0xffff }],
  ['flags that nobody knows', true, tcp4, { vnetFlags: 0xfe }],
];

test.each(offloads)(
  'dissect holds the virtio header against the frame: %s is right: %s',
  (_, isRight, frame, virtio) => {
    expect(dissectTap(frame, virtio).malformed).toBe(isRight ? 0 : layout.MALFORMED_VNET_HEADER);
  },
);
