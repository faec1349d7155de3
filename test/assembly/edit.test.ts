import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as layout from '../../assembly/layout.ts';
import { type Linked, honest, hostile } from './arbitraries.ts';
import { type Bench } from './bench.ts';
import { NO_VIRTIO, type VirtioFields, frameOf, readDissected } from './descriptor.ts';
import { TAP, admit, descriptorOf, openLine, outcomeOf, readOutcome, writeOutcome } from './line.ts';
import { checksumsOf, expectedField } from './oracle/edit.ts';
import { checksum, pseudoHeader } from './oracle/checksum.ts';
import { filler, get16, ipv4, join, put16, sealed, tcp, udp } from './packets.ts';

const bench = openLine([TAP, { ...TAP, link: layout.LINK_IP }]);

/** Writes `bytes` at `offset` of the packet that was admitted alone. */
function edit({ core, bytes }: Bench, offset: number, data: Uint8Array): number {
  bytes.set(data, layout.SCRATCH_OFFSET);
  return core.edit(descriptorOf(0), outcomeOf(0), offset, data.length);
}

function take({ link, frame }: Linked, virtio: VirtioFields = NO_VIRTIO): void {
  admit(bench, [{ port: link === layout.LINK_ETHERNET ? 0 : 1, frame, virtio }]);
}

/** A change: where it begins, in parts of the frame, and its bytes. */
const changes = fc.record({
  place: fc.nat(1000).map((part) => part / 1000),
  data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});

/** Makes the change and holds the frame against the oracle. */
function check(packet: Linked, virtio: VirtioFields, { place, data }: { place: number; data: Uint8Array }): void {
  if (packet.frame.length < data.length) return;
  take(packet, virtio);
  const offset = Math.floor(place * (packet.frame.length - data.length));
  const before = frameOf(bench, descriptorOf(0));
  const found = readDissected(bench, descriptorOf(0));
  const wanted = Uint8Array.from(before);
  wanted.set(data, offset);
  expect(edit(bench, offset, data)).toBe(1);
  const after = frameOf(bench, descriptorOf(0));
  for (const checksum of checksumsOf(before, found, virtio)) {
    const { field, isSeed } = checksum;
    const isGiven = offset < field + 2 && offset + data.length > field;
    const isNone = (found.flags & layout.PACKET_UDP) !== 0 && get16(before, field) === 0 && !isSeed;
    const isUdp = field === found.l4 + 6;
    if (!isGiven && !(isNone && isUdp)) {
      expect(get16(after, field) % 0xffff).toBe(expectedField(checksum, before, wanted));
      if (isUdp && !isSeed && found.flags & layout.PACKET_UDP) expect(get16(after, field)).not.toBe(0);
      wanted.set(after.slice(field, field + 2), field);
    }
  }
  expect(after).toEqual(wanted);
  expect(readOutcome(bench, 0).flags).toBe(layout.OUTCOME_FLAG_MODIFIED);
}

test('edit moves every checksum by the difference, right or wrong', () => {
  fc.assert(
    fc.property(fc.oneof(honest, hostile), changes, (packet, change) => {
      check(packet, NO_VIRTIO, change);
    }),
    { numRuns: 4000 },
  );
});

test('edit moves the seed of a partial checksum with the addresses only', () => {
  fc.assert(
    fc.property(honest, changes, fc.nat(80), (packet, change, away) => {
      take(packet);
      const { l4, flags } = readDissected(bench, descriptorOf(0));
      const csumOffset = flags & layout.PACKET_UDP ? 6 : 16;
      // Mostly the transport header's own checksum, sometimes one of a tunnel's inner packet.
      const csumStart = away < 50 ? l4 : l4 + away;
      check(packet, { ...NO_VIRTIO, vnetFlags: 1, csumStart, csumOffset }, change);
    }),
    { numRuns: 3000 },
  );
});

test('a right checksum stays right after any number of edits', () => {
  fc.assert(
    fc.property(honest, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 20 }), (packet, list) => {
      take(packet);
      const address = descriptorOf(0);
      const found = readDissected(bench, address);
      const isRight = [bench.core.verifyNetwork(address), bench.core.verifyTransport(address)];
      // Addresses and payload: nothing that says where other fields lie.
      const addresses = found.flags & layout.PACKET_IPV4 ? [12, 20] : [8, 24];
      for (const [at, value] of list) {
        const start = found.l3 + (addresses[0] ?? 0);
        const offset = at % 2 ? start + (at % ((addresses[1] ?? 0) - (addresses[0] ?? 0))) : found.payload + at;
        if (offset < packet.frame.length && found.flags & layout.PACKET_IP) edit(bench, offset, Uint8Array.of(value));
      }
      expect([bench.core.verifyNetwork(address), bench.core.verifyTransport(address)]).toEqual(isRight);
    }),
    { numRuns: 1500 },
  );
});

test('edit, and edit back, leaves every byte as it was', () => {
  fc.assert(
    fc.property(honest, changes, (packet, { place, data }) => {
      fc.pre(packet.frame.length >= data.length);
      take(packet);
      const offset = Math.floor(place * (packet.frame.length - data.length));
      const before = frameOf(bench, descriptorOf(0));
      // A checksum that is given is not moved, so that only the same whole bytes bring the frame back. Where an
      // authentication header follows, only the IPv4 header length says where that header ends.
      fc.pre(
        before[readDissected(bench, descriptorOf(0)).l3 + 9] !== 51 &&
          checksumsOf(before, readDissected(bench, descriptorOf(0)), NO_VIRTIO).every(
            ({ field }) =>
              (offset >= field + 2 || offset + data.length <= field) && get16(before, field) % 0xffff !== 0,
          ),
      );
      edit(bench, offset, data);
      edit(bench, offset, before.slice(offset, offset + data.length));
      expect(frameOf(bench, descriptorOf(0))).toEqual(before);
    }),
    { numRuns: 1500 },
  );
});

const ends = { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2) };
const ports = { sourcePort: 1000, destinationPort: 2000 };
const UDP_FIELD = 26;

/** A UDP packet without a link header whose last two bytes of payload are `word`. */
function datagram(word: number): Uint8Array {
  const bytes = udp(ports, Uint8Array.of(1, 2, 0, 0));
  put16(bytes, 10, word);
  return ipv4({ ...ends, protocol: 17 }, sealed(bytes, 17, ends));
}

test('edit leaves a UDP checksum of 0 at 0', () => {
  const bytes = datagram(0);
  put16(bytes, UDP_FIELD, 0);
  take({ link: layout.LINK_IP, frame: bytes });
  edit(bench, 12, Uint8Array.of(192, 168, 1, 1));
  edit(bench, 28, Uint8Array.of(7));
  expect(get16(frameOf(bench, descriptorOf(0)), UDP_FIELD)).toBe(0);
  expect(bench.core.verifyNetwork(descriptorOf(0))).toBe(1);
});

test('edit writes a UDP checksum that comes to 0 as 0xffff, and moves on from there', () => {
  const bytes = datagram(0);
  take({ link: layout.LINK_IP, frame: bytes });
  // Adding the checksum to the data makes the new checksum 0.
  const word = get16(bytes, UDP_FIELD);
  edit(bench, 30, Uint8Array.of(word >> 8, word & 0xff));
  expect(frameOf(bench, descriptorOf(0))).toEqual(datagram(word));
  expect(get16(frameOf(bench, descriptorOf(0)), UDP_FIELD)).toBe(0xffff);
  edit(bench, 30, Uint8Array.of(0, 0));
  expect(frameOf(bench, descriptorOf(0))).toEqual(bytes);
});

test('edit moves the seed of a partial UDP checksum even if it is 0', () => {
  const bytes = datagram(0);
  put16(bytes, UDP_FIELD, 0);
  take({ link: layout.LINK_IP, frame: bytes }, { ...NO_VIRTIO, vnetFlags: 1, csumStart: 20, csumOffset: 6 });
  edit(bench, 15, Uint8Array.of(4));
  expect(get16(frameOf(bench, descriptorOf(0)), UDP_FIELD)).toBe(3);
});

test('edit leaves the outer checksum of a tunnel right while the inner one is partial', () => {
  const inner = join(filler(20), tcp(ports, filler(30)));
  const whole = ipv4({ ...ends, protocol: 17 }, sealed(udp(ports, Uint8Array.from(inner)), 17, ends));
  const csumStart = 28 + 20;
  const seed = 0x1234;
  put16(whole, csumStart + 16, seed);
  // The outer checksum counts the inner segment as completed: its sum is then the seed's complement.
  const before = join(whole.slice(20, 26), Uint8Array.of(0, 0), whole.slice(28, csumStart));
  const pseudo = pseudoHeader(whole.slice(12, 20), 17, whole.length - 20);
  put16(whole, UDP_FIELD, checksum(join(pseudo, before, Uint8Array.of(~seed >> 8, ~seed))));
  take({ link: layout.LINK_IP, frame: whole }, { ...NO_VIRTIO, vnetFlags: 1, csumStart, csumOffset: 16 });
  edit(bench, 12, Uint8Array.of(172, 16, 0, 9));
  edit(bench, 30, Uint8Array.of(99, 98, 97));
  edit(bench, csumStart + 21, Uint8Array.of(1, 1, 1));
  bench.core.complete(descriptorOf(0));
  bench.core.dissect(descriptorOf(0), layout.LINK_IP);
  expect(bench.core.verifyTransport(descriptorOf(0))).toBe(1);
});

const frame = Uint8Array.from({ length: 60 }, (_, index) => index);
const outside: [string, number, number, object][] = [
  ['before the frame', -1, 4, {}],
  ['behind the frame', 57, 4, {}],
  ['far away', 0x7fffffff, 4, {}],
  ['far before', -0x80000000, 4, {}],
  ['of more bytes than there are', 0, 61, {}],
  ['of more bytes than the scratch holds', 0, 129, {}],
  ['of a negative number of bytes', 10, -1, {}],
  ['in what was popped', 3, 1, { startShift: 4 }],
  ['before what was pushed', -5, 1, { startShift: -4 }],
  ['in what was cut off', 56, 1, { endShift: -4 }],
  ['behind the slot', 2000, 1, { endShift: 0x7fffffff }],
  ['before the slot', -130, 1, { startShift: -0x8000 }],
  ['where the virtio header belongs', -119, 1, { startShift: -0x8000 }],
];

test.each(outside)('edit refuses bytes %s', (_, offset, count, shifts) => {
  take({ link: layout.LINK_ETHERNET, frame });
  writeOutcome(bench, 0, shifts);
  const before = bench.bytes.slice();
  expect(bench.core.edit(descriptorOf(0), outcomeOf(0), offset, count)).toBe(0);
  expect(Buffer.compare(bench.bytes, before)).toBe(0);
});

test('edit reaches what was pushed and what was added at the end', () => {
  take({ link: layout.LINK_ETHERNET, frame });
  writeOutcome(bench, 0, { startShift: -118, endShift: 4 });
  expect(edit(bench, -118, Uint8Array.of(1))).toBe(1);
  expect(edit(bench, 60, Uint8Array.of(1, 2, 3, 4))).toBe(1);
});
