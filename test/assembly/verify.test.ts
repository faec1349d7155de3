import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { hostile, honest } from './arbitraries.ts';
import { openBench } from './bench.ts';
import { DESCRIPTOR, type Dissected, NO_VIRTIO, type VirtioFields, dissectFrame } from './descriptor.ts';
import { sum } from './oracle/checksum.ts';
import { verifyTransport } from './oracle/verify.ts';
import { echo, extensions, filler, get16, ipv4, ipv6, join, put16, sctp, sealed, tcp, udp } from './packets.ts';

const bench = openBench();
const { core } = bench;
const ends4 = { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2) };
const ends6 = { source: filler(16), destination: filler(16).reverse() };
const ports = { sourcePort: 5, destinationPort: 6 };
const tcp4 = ipv4({ ...ends4, protocol: 6 }, sealed(tcp(ports, filler(33)), 6, ends4));

function verify(frame: Uint8Array, virtio: Partial<VirtioFields> = {}): [number, number] {
  dissectFrame(bench, frame, layout.LINK_IP, { ...NO_VIRTIO, ...virtio });
  return [core.verifyNetwork(DESCRIPTOR), core.verifyTransport(DESCRIPTOR)];
}

test('verifyTransport and verifyNetwork agree with the oracle', () => {
  fc.assert(
    fc.property(fc.oneof(honest, hostile), ({ link, frame }) => {
      const found = dissectFrame(bench, frame, link);
      expect(core.verifyTransport(DESCRIPTOR)).toBe(verifyTransport(frame, found));
      const header = frame.slice(found.l3, found.l3 + ((frame[found.l3] ?? 0) & 15) * 4);
      const network = found.flags & layout.PACKET_IPV4 ? Number(sum(header) === 0xffff) : 2;
      expect(core.verifyNetwork(DESCRIPTOR)).toBe(network);
    }),
    { numRuns: 3000 },
  );
});

const verdicts: [string, Uint8Array, [number, number], Partial<VirtioFields>?][] = [
  ['TCP over IPv4', tcp4, [1, 1]],
  ['UDP over IPv6', ipv6({ ...ends6, nextHeader: 17 }, sealed(udp(ports, filler(7)), 17, ends6)), [2, 1]],
  ['ICMP', ipv4({ ...ends4, protocol: 1 }, sealed(echo(8, filler(5)), 1, ends4)), [1, 1]],
  ['ICMPv6', ipv6({ ...ends6, nextHeader: 58 }, sealed(echo(128, filler(5)), 58, ends6)), [2, 1]],
  [
    'what IP carries behind a UDP datagram',
    ipv4({ ...ends4, protocol: 17 }, join(sealed(udp(ports, filler(7)), 17, ends4), filler(9))),
    [1, 1],
  ],
  ['padding', join(tcp4, filler(9)), [1, 1]],
  ['a TCP segment with one byte changed', tcp4.with(60, 0xee), [1, 0]],
  ['an IPv4 header with one byte changed', tcp4.with(8, 1), [0, 1]],
  ['UDP without a checksum', ipv4({ ...ends4, protocol: 17 }, udp(ports, filler(7))), [1, 2]],
  ['SCTP', ipv4({ ...ends4, protocol: 132 }, sctp(ports, filler(7))), [1, 2]],
  ['a first fragment', ipv4({ ...ends4, protocol: 6, moreFragments: true }, tcp(ports, filler(7))), [1, 2]],
  ['a packet whose end is missing', tcp4.slice(0, 60), [1, 2]],
  ['a partial checksum', tcp4, [1, 2], { vnetFlags: 1, csumStart: 20, csumOffset: 16 }],
  ['a super-packet', tcp4, [1, 2], { gsoType: 1, gsoSize: 10 }],
  ['ARP', filler(0), [2, 2]],
];

test.each(verdicts)('verifyNetwork and verifyTransport on %s', (_, frame, wanted, virtio) => {
  expect(verify(frame, virtio)).toEqual(wanted);
});

test('verifyTransport does not judge a packet that is on its way to another stop', () => {
  const segment = sealed(tcp(ports, filler(3)), 6, ends6);
  const routed = (segmentsLeft: number): Uint8Array => {
    const { nextHeader, bytes } = extensions([{ protocol: 43, units: 2, word: segmentsLeft }], 6, segment);
    return ipv6({ ...ends6, nextHeader }, bytes);
  };
  expect(verify(routed(1))).toEqual([2, 2]);
  expect(verify(routed(0))).toEqual([2, 1]);
});

/** Makes the checksum of a sealed segment partial: the field holds the pseudo-header's sum. */
function partial(frame: Uint8Array, found: Dissected, field: number, end: number): Uint8Array {
  const made = Uint8Array.from(frame);
  put16(made, field, 0);
  // What is missing from a right sum is the pseudo-header's.
  put16(made, field, 0xffff - sum(made.slice(found.l4, end), get16(frame, field)));
  return made;
}

test('complete makes the checksum that the sender would have made', () => {
  fc.assert(
    fc.property(honest, ({ link, frame }) => {
      const found = dissectFrame(bench, frame, link);
      fc.pre(verifyTransport(frame, found) === 1 && (found.flags & (layout.PACKET_TCP | layout.PACKET_UDP)) !== 0);
      const csumOffset = found.flags & layout.PACKET_UDP ? 6 : 16;
      const field = found.l4 + csumOffset;
      const made = partial(frame, found, field, found.payload + found.payloadLength);
      const virtio = { ...NO_VIRTIO, vnetFlags: 3, csumStart: found.l4, csumOffset };
      dissectFrame(bench, made, link, virtio);
      core.complete(DESCRIPTOR);
      const start = bench.bytes.length - frame.length;
      expect(Uint8Array.from(bench.bytes.subarray(start))).toEqual(Uint8Array.from(frame));
      expect(bench.view.getUint8(DESCRIPTOR + layout.DESCRIPTOR_VNET_FLAGS)).toBe(2);
      expect(core.verifyTransport(DESCRIPTOR)).toBe(1);
    }),
    { numRuns: 1500 },
  );
});

test('complete writes a UDP checksum that comes to 0 as 0xffff', () => {
  const frame = ipv4({ ...ends4, protocol: 17 }, udp(ports, Uint8Array.of(0, 0)));
  // The seed that makes the whole sum all ones.
  put16(frame, 26, 0xffff - sum(frame.slice(20)));
  verify(frame, { vnetFlags: 1, csumStart: 20, csumOffset: 6 });
  core.complete(DESCRIPTOR);
  expect(bench.view.getUint16(bench.bytes.length - frame.length + 26)).toBe(0xffff);
});

test('complete sums to the frame’s end when the field lies behind the IP packet', () => {
  const frame = join(tcp4, filler(20));
  const field = tcp4.length + 6;
  verify(frame, { vnetFlags: 1, csumStart: tcp4.length, csumOffset: 6 });
  core.complete(DESCRIPTOR);
  const wanted = 0xffff - sum(frame.slice(tcp4.length));
  expect(bench.view.getUint16(bench.bytes.length - frame.length + field)).toBe(wanted);
});

test('complete leaves a packet without a partial checksum alone', () => {
  verify(tcp4);
  core.complete(DESCRIPTOR);
  expect(Uint8Array.from(bench.bytes.subarray(-tcp4.length))).toEqual(tcp4);
});
